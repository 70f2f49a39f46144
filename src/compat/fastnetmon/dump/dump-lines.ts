// Lines of packets and flows in reports of FastNetMon, each as what it says. `5-evidence/report-text.ts` writes the same grammar.
//
// A packet: `DATE TIME SOURCE:PORT > TARGET:PORT protocol: NAME [flags: a,b] frag: N  packets: N size: N bytes ttl: N sample
// ratio: N`. A flow: `HOST:PORT < REMOTE:PORT N bytes N packets`, or `>` when the host is who sends. IPv6 has brackets or none.

import { type Address, parseAddress } from '#lib/ip/address.ts'

export interface PacketLine {
  readonly kind: 'packet'
  /** Microseconds since 1970, the local time of the writer taken for UTC: good for differences. */
  readonly timeMicros: number
  readonly source: Address
  readonly sourcePort: number
  readonly target: Address
  readonly targetPort: number
  /** Lower-case name, or a number as text, or `unknown`. */
  readonly protocol: string
  /** Absent where the line has none. */
  readonly flags: readonly string[] | undefined
  readonly isFragment: boolean
  readonly packets: number
  /** Of all these packets together. */
  readonly bytes: number
  readonly ttl: number
  readonly sampleRatio: number
}

export interface FlowLine {
  readonly kind: 'flow'
  readonly direction: 'incoming' | 'outgoing'
  readonly host: Address
  readonly hostPort: number
  readonly remote: Address
  readonly remotePort: number
  readonly packets: number
  readonly bytes: number
}

/** `masked`: an address was made unreadable (`10.X.X.1`). `broken`: a line of this kind that lacks something or lies. */
export type DumpLine =
  | PacketLine
  | FlowLine
  | { readonly kind: 'masked' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'other' }

const OTHER: DumpLine = { kind: 'other' }
const BROKEN: DumpLine = { kind: 'broken' }
const MASKED: DumpLine = { kind: 'masked' }
const PORT_MAX = 65_535
const NUMBER_MAX = 2 ** 40

/** Reads one line, which its reader has bounded. */
export function readDumpLine(line: string): DumpLine {
  if (line.includes('protocol:') && line.includes(' > ')) return readPacket(line)
  if (/ [<>] .*\bbytes\b.*\bpackets\b/.test(line)) return readFlow(line)
  return OTHER
}

function readPacket(line: string): DumpLine {
  const arrow = line.indexOf(' > ')
  const [sourceText, timeText, dateText] = line.slice(0, arrow).trim().split(/\s+/).reverse()
  const [targetText, ...words] = line
    .slice(arrow + 3)
    .trim()
    .split(/\s+/)
  const ends = [endpointOf(sourceText), endpointOf(targetText)] as const
  if (ends.includes('masked')) return MASKED
  const [source, target] = ends
  const fields = fieldsOf(words)
  const protocol = fields.get('protocol')
  const [packets, bytes, ttl, sampleRatio, fragment] = [
    numberOf(fields.get('packets')),
    numberOf(fields.get('size')),
    numberOf(fields.get('ttl')),
    numberOf(fields.get('ratio')),
    fields.get('frag'),
  ]
  const isWhole =
    protocol !== undefined &&
    packets !== undefined &&
    packets > 0 &&
    bytes !== undefined &&
    ttl !== undefined &&
    sampleRatio !== undefined &&
    (fragment === '0' || fragment === '1')
  if (!isWhole || !isEnd(source) || !isEnd(target) || source.address.family !== target.address.family)
    return BROKEN
  return {
    kind: 'packet',
    timeMicros: timeOf(dateText, timeText),
    source: source.address,
    sourcePort: source.port,
    target: target.address,
    targetPort: target.port,
    protocol: protocol.toLowerCase(),
    flags: flagsOf(fields.get('flags')),
    isFragment: fragment === '1',
    packets,
    bytes,
    ttl,
    sampleRatio: Math.max(1, sampleRatio),
  }
}

/** `name: value` pairs; of `size: N bytes` and `sample ratio: N` the words beside them do not matter. */
function fieldsOf(words: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [at, word] of words.entries()) {
    const value = words[at + 1]
    if (word.endsWith(':') && value !== undefined) fields.set(word.slice(0, -1), value)
  }
  return fields
}

const flagsOf = (text: string | undefined): readonly string[] | undefined =>
  text === undefined ? undefined : text === '-' ? [] : text.toLowerCase().split(',')

const FLOW = /^\s*(\S+) ([<>]) (\S+) (\d+) bytes (\d+) packets\s*$/

function readFlow(line: string): DumpLine {
  const [, hostText, arrow, remoteText, bytesText, packetsText] = FLOW.exec(line) ?? []
  const [host, remote] = [endpointOf(hostText), endpointOf(remoteText)]
  if (host === 'masked' || remote === 'masked') return MASKED
  const [bytes, packets] = [numberOf(bytesText), numberOf(packetsText)]
  const isWhole = packets !== undefined && packets > 0 && bytes !== undefined
  if (!isWhole || !isEnd(host) || !isEnd(remote) || host.address.family !== remote.address.family)
    return BROKEN
  return {
    kind: 'flow',
    direction: arrow === '<' ? 'incoming' : 'outgoing',
    host: host.address,
    hostPort: host.port,
    remote: remote.address,
    remotePort: remote.port,
    packets,
    bytes,
  }
}

interface Endpoint {
  readonly address: Address
  readonly port: number
}

const isEnd = (end: Endpoint | 'masked' | undefined): end is Endpoint => typeof end === 'object'

/** Address and port, of IPv6 with brackets or without: the port stands behind the last colon. */
function endpointOf(text: string | undefined): Endpoint | 'masked' | undefined {
  const colon = text?.lastIndexOf(':') ?? -1
  if (text === undefined || colon < 0) return undefined
  const addressText = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  if (/x/i.test(addressText)) return 'masked'
  const portText = text.slice(colon + 1)
  const address = parseAddress(addressText)
  if (address === undefined || !/^\d{1,5}$/.test(portText) || Number(portText) > PORT_MAX) return undefined
  return { address, port: Number(portText) }
}

function numberOf(text: string | undefined): number | undefined {
  const number = text !== undefined && /^\d{1,13}$/.test(text) ? Number(text) : undefined
  return number === undefined || number > NUMBER_MAX ? undefined : number
}

/** 0 where the line tells none. */
function timeOf(date: string | undefined, time: string | undefined): number {
  const [, clock, fraction = ''] = /^(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(time ?? '') ?? []
  const ms = clock === undefined ? Number.NaN : Date.parse(`${date}T${clock}Z`)
  return Number.isNaN(ms) ? 0 : ms * 1000 + Number(fraction.padEnd(6, '0'))
}
