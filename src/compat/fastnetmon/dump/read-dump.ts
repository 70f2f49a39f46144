// A report of FastNetMon as a recording: packets when it has them, else flows. The forms are those of 1.2.4 (`ban` with
// flows, `attack_details` with packets, files of an attack with both) and of the newest source (packets, then flows).

import { noteOf, type Recorded, type Recording } from '#5-evidence/distill/recording.ts'
import { type CountedLengths, sampleOfNumbers } from '#5-evidence/distill/sample-of-record.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { protocolNumber, tcpFlagBits } from '#5-evidence/protocol-name.ts'
import type { ComponentType } from '#lib/flowspec/rule.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { type DumpHeaders, readHeader } from './dump-headers.ts'
import { type FlowLine, type PacketLine, readDumpLine } from './dump-lines.ts'

/** More lines, and what of a line is longer, are not read. */
const LINES_MAX = 200_000
const LINE_CHARACTERS_MAX = 500

/** In text the protocol of a flow stands in its heading: `UDP flows: 16376`. */
const HEADING = /^\s*(TCP|UDP|ICMP) flows:/i

const UNKNOWN_PROTOCOL: readonly ComponentType[] = [
  'protocol',
  'port',
  'destination-port',
  'source-port',
  'icmp-type',
  'icmp-code',
  'tcp-flags',
]
/** Reserved by IANA: stands where no protocol is told. */
const NO_PROTOCOL = 255

/** `lengths`: what the sizes of packets count, which no report says. */
export function readDump(text: string, lengths: CountedLengths): Recording {
  const dump = new DumpReader(lengths)
  const lines = text.split('\n', LINES_MAX + 1)
  for (const line of lines.slice(0, LINES_MAX)) dump.take(line.slice(0, LINE_CHARACTERS_MAX))
  return dump.recording(lines.length > LINES_MAX)
}

/** Whether a text looks like a report: a header or a line of it. */
export const isDump = (text: string): boolean =>
  text
    .slice(0, 65_536)
    .split('\n')
    .some(
      line =>
        Object.keys(readHeader(line)).length > 0 ||
        ['packet', 'flow', 'masked'].includes(readDumpLine(line.slice(0, LINE_CHARACTERS_MAX)).kind),
    )

class DumpReader {
  readonly #lengths: CountedLengths
  readonly #packets: Recorded[] = []
  readonly #flows: Recorded[] = []
  #headers: DumpHeaders = {}
  /** Of the flows below the heading. */
  #section: string | undefined
  #masked = 0
  #broken = 0

  constructor(lengths: CountedLengths) {
    this.#lengths = lengths
  }

  take(text: string): void {
    const line = readDumpLine(text)
    switch (line.kind) {
      case 'packet':
        keep(this.#packets, this.#packet(line))
        break
      case 'flow':
        keep(this.#flows, this.#flow(line))
        break
      case 'masked':
        this.#masked++
        break
      case 'broken':
        this.#broken++
        break
      case 'other':
        this.#section = HEADING.exec(text)?.[1]?.toLowerCase() ?? this.#section
        // The first of each counts: a file may hold a report twice.
        this.#headers = { ...readHeader(text), ...this.#headers }
    }
  }

  recording(isLong: boolean): Recording {
    const hasPackets = this.#packets.length > 0
    const { host, direction, power, attackType } = this.#headers
    return {
      form: 'text report',
      tells: hasPackets ? 'packets' : 'flows',
      packets: hasPackets ? this.#packets : this.#flows,
      head: {
        ...(host === undefined ? {} : { host }),
        ...(direction === undefined ? {} : { direction }),
        ...(attackType === undefined ? {} : { attackType }),
        ...(power === undefined ? {} : { packetsPerSecond: power }),
      },
      notes: [
        ...noteOf(this.#masked, 'line', 'skipped for masked addresses'),
        ...noteOf(this.#broken, 'line', 'skipped as incomplete or impossible'),
        ...(hasPackets ? noteOf(this.#flows.length, 'flow', 'left out, since packets tell more') : []),
        ...(isLong ? [`only the first ${LINES_MAX} lines were read`] : []),
      ],
    }
  }

  #packet(line: PacketLine): Recorded | undefined {
    const several = line.packets > 1 ? { recordPackets: line.packets } : {}
    return this.#recorded(line.protocol, {
      ...numbersOf(line),
      timeMicros: line.timeMicros,
      source: formatAddress(line.source),
      target: formatAddress(line.target),
      sourcePort: line.sourcePort,
      targetPort: line.targetPort,
      tcpFlags: tcpFlagBits(line.flags ?? []),
      isFragment: line.isFragment,
      ttl: line.ttl,
      sampleRatio: line.sampleRatio,
      weight: line.packets * line.sampleRatio,
      ...several,
    })
  }

  /** A flow tells neither flags nor lengths, so it counts as a record even of one packet. */
  #flow(line: FlowLine): Recorded | undefined {
    const isIncoming = line.direction === 'incoming'
    const [host, remote] = [formatAddress(line.host), formatAddress(line.remote)]
    const protocol = this.#section ?? this.#headers.protocol ?? 'unknown'
    const recorded = this.#recorded(protocol, {
      ...numbersOf(line),
      timeMicros: 0,
      source: isIncoming ? remote : host,
      target: isIncoming ? host : remote,
      sourcePort: isIncoming ? line.remotePort : line.hostPort,
      targetPort: isIncoming ? line.hostPort : line.remotePort,
      tcpFlags: 0,
      isFragment: false,
      ttl: 0,
      sampleRatio: 1,
      weight: line.packets,
      recordPackets: line.packets,
    })
    return recorded && withUntold(recorded, ['packet-length', 'tcp-flags', 'fragment'])
  }

  #recorded(protocol: string, fields: Omit<PacketRecord, 'protocol'>): Recorded | undefined {
    const number = protocolNumber(protocol)
    const record: PacketRecord = { ...fields, protocol: number ?? NO_PROTOCOL }
    const sample = sampleOfNumbers(record, this.#lengths)
    if (sample === undefined) return undefined
    return number === undefined ? withUntold({ record, sample }, UNKNOWN_PROTOCOL) : { record, sample }
  }
}

function keep(list: Recorded[], recorded: Recorded | undefined): void {
  if (recorded !== undefined) list.push(recorded)
}

const numbersOf = ({ bytes, packets }: PacketLine | FlowLine) => ({
  bytes: bytes / packets,
  bytesCaptured: new Uint8Array(),
  linkType: 1,
})

const withUntold = ({ record, sample }: Recorded, types: readonly ComponentType[]): Recorded => ({
  record,
  sample: { ...sample, untold: [...new Set([...(sample.untold ?? []), ...types])] },
})
