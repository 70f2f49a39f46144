// What packets of an attack have in common, counted: the first sources, ports, lengths, flags and so on, for charts.

import type { Packet } from '#lib/flowspec/matches.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import type { DistillSample } from './distill/distillation.ts'
import type { PacketRecord } from './evidence.ts'
import { protocolName, tcpFlagNames } from './protocol-name.ts'

export const TALLIED = [
  ...(['sources', 'targets', 'protocols', 'sourcePorts', 'targetPorts', 'lengths', 'tcpFlags'] as const),
  'fragments',
] as const
export type Tallied = (typeof TALLIED)[number]

export interface TallyRow {
  /** As people write it: an address, a port, a name, a range of lengths. */
  readonly value: string
  /** Of the packets that tell of it at all, 0 to 1, each by what it stands for. */
  readonly share: number
  readonly packets: number
}

export interface Tally {
  /** Different values. */
  readonly distinct: number
  /** Packets that tell of it: a fragment has no ports, a flow record no lengths. */
  readonly packets: number
  /** The commonest first; lengths in their order. */
  readonly top: readonly TallyRow[]
}

export interface Tallies {
  /** Packets that were looked at. */
  readonly packets: number
  readonly of: Readonly<Record<Tallied, Tally>>
}

const TOP_MAX = 10
/** Upper ends of the ranges of lengths, bytes of the IP packet. */
const LENGTHS = [63, 127, 255, 511, 1023, 1279, 1499] as const

/** From what the distiller looks at. */
export const talliesOfSamples = (samples: readonly DistillSample[]): Tallies =>
  talliesOf(samples.map(({ packet, weight, untold }) => viewOf(packet, weight, untold ?? [])))

/** From what evidence keeps. */
export const talliesOfRecords = (records: readonly PacketRecord[]): Tallies =>
  talliesOf(records.map(viewOfRecord))

type View = Readonly<Partial<Record<Tallied, string | bigint | number>>> & { readonly weight: number }

function viewOf(packet: Packet, weight: number, untold: readonly string[]): View {
  const { source, target, protocol, sourcePort, targetPort, tcpFlags, fragment, length } = packet
  return {
    weight,
    ...(untold.includes('source') ? {} : { sources: keyOf(source.family, source.value) }),
    targets: keyOf(target.family, target.value),
    protocols: protocol,
    ...(sourcePort === undefined || untold.includes('source-port') ? {} : { sourcePorts: sourcePort }),
    ...(targetPort === undefined || untold.includes('destination-port') ? {} : { targetPorts: targetPort }),
    ...(untold.includes('packet-length') ? {} : { lengths: rangeOf(length) }),
    ...(tcpFlags === undefined || untold.includes('tcp-flags') ? {} : { tcpFlags }),
    ...(untold.includes('fragment') ? {} : { fragments: fragment === 0 ? 'whole' : 'fragment' }),
  }
}

function viewOfRecord(record: PacketRecord): View {
  const { protocol, sourcePort, targetPort, tcpFlags, isFragment, bytes, weight, recordPackets } = record
  const [source, target] = [parseAddress(record.source), parseAddress(record.target)]
  // A later fragment has no ports: zeros stand there.
  const hasPorts = PORTED.includes(protocol) && !(isFragment && sourcePort === 0 && targetPort === 0)
  return {
    weight,
    ...(source === undefined ? {} : { sources: keyOf(source.family, source.value) }),
    ...(target === undefined ? {} : { targets: keyOf(target.family, target.value) }),
    protocols: protocol,
    ...(hasPorts ? { sourcePorts: sourcePort, targetPorts: targetPort } : {}),
    ...(recordPackets === undefined ? { lengths: rangeOf(bytes) } : {}),
    ...(protocol === TCP && hasPorts ? { tcpFlags } : {}),
    fragments: isFragment ? 'fragment' : 'whole',
  }
}

const TCP = 6
/** Protocols with ports: TCP, UDP, SCTP, UDP-Lite, DCCP. */
const PORTED: readonly number[] = [TCP, 17, 132, 136, 33]

/** IPv6 addresses as they are, those of IPv4 below zero. */
const keyOf = (family: 4 | 6, value: bigint): bigint => (family === 6 ? value : -1n - value)

/** Which range a length is in, by number. */
function rangeOf(length: number): number {
  const range = LENGTHS.findIndex(end => length <= end)
  return range < 0 ? LENGTHS.length : range
}

function talliesOf(views: readonly View[]): Tallies {
  const of = Object.fromEntries(TALLIED.map(name => [name, tallyOf(name, views)]))
  return { packets: views.length, of: of as Record<Tallied, Tally> }
}

interface Sum {
  weight: number
  packets: number
}

function tallyOf(name: Tallied, views: readonly View[]): Tally {
  const sums = new Map<string | bigint | number, Sum>()
  const all: Sum = { weight: 0, packets: 0 }
  for (const view of views) {
    const value = view[name]
    if (value === undefined) continue
    const sum = sums.get(value) ?? { weight: 0, packets: 0 }
    sums.set(value, sum)
    for (const each of [sum, all]) {
      each.weight += view.weight
      each.packets++
    }
  }
  const rows = [...sums].sort(([a, x], [b, y]) =>
    name === 'lengths' ? Number(a) - Number(b) : y.weight - x.weight || (a < b ? -1 : 1),
  )
  const top = rows.slice(0, TOP_MAX).map(([value, { weight, packets }]) => ({
    ...{ value: textOf(name, value), share: all.weight === 0 ? 0 : weight / all.weight, packets },
  }))
  return { distinct: sums.size, packets: all.packets, top }
}

function textOf(name: Tallied, value: string | bigint | number): string {
  if (typeof value === 'bigint')
    return formatAddress(value < 0n ? { family: 4, value: -1n - value } : { family: 6, value })
  if (typeof value === 'string') return value
  switch (name) {
    case 'protocols':
      return protocolName(value)
    case 'tcpFlags':
      return tcpFlagNames(value).join(' ') || 'none'
    case 'lengths':
      return rangeText(value)
    default:
      return String(value)
  }
}

function rangeText(range: number): string {
  const from = range === 0 ? 0 : (LENGTHS[range - 1] ?? 0) + 1
  const to = LENGTHS[range]
  return to === undefined ? `${from} and more` : `${from} to ${to}`
}
