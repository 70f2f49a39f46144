// What part of anybody's honest traffic a match would take, before a sample is seen: the width of a match.
//
// It stands for some thirty samples beside the calm ones. With ten thousand of those it only decides between matches that
// take none of them: the narrower one is the safer one. Without any it is all there is.

import type { Range } from '#lib/flowspec/build.ts'
import { TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import type { Legitimate, PortRange } from './distillation.ts'
import type { NumberField } from './fields.ts'
import { type BitsPredicate, bitsHold, isWithin, type NumberPredicate, type Predicate } from './predicate.ts'

const TCP = 6
const UDP = 17
const { fin, syn, rst, psh, ack } = TCP_FLAG_BITS

/** Shares of packets towards a host, roughly as servers and clients have them. */
const PROTOCOL_SHARES: readonly (readonly [protocol: number, share: number])[] = [
  [TCP, 0.7],
  [UDP, 0.25],
  [1, 0.015],
  [58, 0.015],
]
/** All other protocols together. */
const OTHER_PROTOCOLS = 0.02

/** Flags of TCP as they come, each with its lengths. */
const TCP_KINDS = [
  { flags: ack, share: 0.5, lengths: 'mixed' },
  { flags: psh | ack, share: 0.3, lengths: 'mixed' },
  { flags: syn, share: 0.07, lengths: 'options' },
  { flags: syn | TCP_FLAG_BITS.ece | TCP_FLAG_BITS.cwr, share: 0.01, lengths: 'options' },
  { flags: syn | ack, share: 0.04, lengths: 'options' },
  { flags: fin | ack, share: 0.04, lengths: 'bare' },
  { flags: fin | psh | ack, share: 0.01, lengths: 'mixed' },
  { flags: rst, share: 0.01, lengths: 'bare' },
  { flags: rst | ack, share: 0.01, lengths: 'bare' },
] as const

/** Lengths in pieces of even density. */
const LENGTHS: Readonly<Record<string, readonly (readonly [from: number, to: number, share: number])[]>> = {
  // A stack that begins a connection sends options.
  options: [
    [40, 43, 0.005],
    [44, 44, 0.1],
    [48, 48, 0.1],
    [52, 52, 0.25],
    [60, 60, 0.35],
    [64, 64, 0.1],
    [45, 80, 0.095],
  ],
  bare: [
    [40, 40, 0.5],
    [52, 52, 0.4],
    [41, 80, 0.1],
  ],
  mixed: [
    [40, 40, 0.15],
    [52, 52, 0.25],
    [41, 100, 0.1],
    [101, 1000, 0.2],
    [1001, 1500, 0.3],
  ],
  udp: [
    [28, 100, 0.3],
    [101, 600, 0.25],
    [601, 1500, 0.45],
  ],
  icmp: [
    [28, 100, 0.95],
    [101, 1500, 0.05],
  ],
  other: [[20, 1500, 1]],
}

/** Ports that honest answers come from. */
const ANSWERING: Readonly<Record<number, readonly (readonly [port: number, share: number])[]>> = {
  [TCP]: [
    [443, 0.15],
    [80, 0.05],
    [22, 0.02],
    [25, 0.02],
  ],
  [UDP]: [
    [53, 0.1],
    [443, 0.2],
    [123, 0.03],
    [4500, 0.02],
    [3478, 0.02],
    [5060, 0.02],
  ],
}

const FIRST_EPHEMERAL = 1024
const PORTS = 65_536
/** Of the packets to a host so many go to a service of it, the others are answers to it. */
const TO_SERVICES = 0.7
const FRAGMENTED = 0.002

/** 0 to 1: the share of ordinary packets that all of the predicates match. */
export function ordinaryShare(predicates: readonly Predicate[], legitimate: Legitimate | undefined): number {
  const protocols = numbersOf(predicates, 'protocol')
  const ofProtocols = PROTOCOL_SHARES.reduce((sum, [protocol, share]) => {
    if (protocols !== undefined && !isWithin(protocols.ranges, protocol)) return sum
    return sum + share * shareOfProtocol(protocol, predicates, legitimate)
  }, 0)
  const others = protocols === undefined ? 1 : countOf(protocols.ranges) / 256
  return (ofProtocols + OTHER_PROTOCOLS * others * shareOfProtocol(0, predicates, {})) * restShare(predicates)
}

/** The share of ordinary packets to a service of the owner that they match: the most of any of its ports. */
export function serviceShare(predicates: readonly Predicate[], legitimate: Legitimate): number {
  const protocols = numbersOf(predicates, 'protocol')
  const target = numbersOf(predicates, 'destination-port')
  const isHit = (protocol: number, ports: readonly PortRange[] = []) =>
    (protocols === undefined || isWithin(protocols.ranges, protocol)) &&
    ports.some(
      port =>
        target === undefined || target.ranges.some(({ from, to }) => from <= port.to && to >= port.from),
    )
  const others = predicates.filter(({ field }) => field !== 'destination-port' && field !== 'protocol')
  const hits = [
    isHit(TCP, legitimate.tcp) ? shareOfProtocol(TCP, others, legitimate) : 0,
    isHit(UDP, legitimate.udp) ? shareOfProtocol(UDP, others, legitimate) : 0,
  ]
  return Math.max(...hits) * restShare(predicates)
}

function shareOfProtocol(
  protocol: number,
  predicates: readonly Predicate[],
  legitimate: Legitimate = {},
): number {
  const lengths = numbersOf(predicates, 'packet-length')?.ranges
  const source = numbersOf(predicates, 'source-port')?.ranges
  const target = numbersOf(predicates, 'destination-port')?.ranges
  const icmpType = numbersOf(predicates, 'icmp-type')?.ranges
  const flags = predicates.find((one): one is BitsPredicate => one.field === 'tcp-flags')
  if (protocol !== TCP && protocol !== UDP && (source !== undefined || target !== undefined)) return 0
  if (protocol !== TCP && flags !== undefined) return 0
  if (protocol !== 1 && protocol !== 58 && icmpType !== undefined) return 0
  const services = protocol === TCP ? legitimate.tcp : protocol === UDP ? legitimate.udp : undefined
  const ports = sourceShare(protocol, source) * targetShare(target, services)
  if (protocol === TCP) return ports * tcpShare(flags, lengths)
  if (protocol === UDP) return ports * lengthShare('udp', lengths)
  if (protocol === 0) return lengthShare('other', lengths)
  return lengthShare('icmp', lengths) * icmpShare(icmpType)
}

function tcpShare(flags: BitsPredicate | undefined, lengths: readonly Range[] | undefined): number {
  return TCP_KINDS.reduce((sum, kind) => {
    if (flags !== undefined && !bitsHold(flags, kind.flags)) return sum
    return sum + kind.share * lengthShare(kind.lengths, lengths)
  }, 1e-5)
}

function lengthShare(name: string, ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  return (LENGTHS[name] ?? []).reduce(
    (sum, [from, to, share]) => sum + (share * overlap(ranges, from, to)) / (to - from + 1),
    1e-5,
  )
}

function sourceShare(protocol: number, ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  const known = ANSWERING[protocol] ?? []
  const left = 1 - known.reduce((sum, [, share]) => sum + share, 0)
  const answers = known.reduce((sum, [port, share]) => sum + (isWithin(ranges, port) ? share : 0), 0)
  return answers + left * evenShare(ranges)
}

function targetShare(
  ranges: readonly Range[] | undefined,
  services: readonly PortRange[] | undefined,
): number {
  if (ranges === undefined) return 1
  const answers = (1 - TO_SERVICES) * evenShare(ranges)
  // Where nobody says which ports are meant, a port that is flooded may well be one.
  if (services === undefined) return TO_SERVICES + answers
  const isHit = services.some(({ from, to }) => overlap(ranges, from, to) > 0)
  return (isHit ? TO_SERVICES : 0.001) + answers
}

/** Most answers go to high ports; each low one still counts for something. */
const evenShare = (ranges: readonly Range[]) =>
  overlap(ranges, FIRST_EPHEMERAL, PORTS - 1) / (PORTS - FIRST_EPHEMERAL) +
  (0.02 * overlap(ranges, 0, FIRST_EPHEMERAL - 1)) / FIRST_EPHEMERAL

/** Echoes, their answers, and errors that belong to connections (unreachable, too big, exceeded). */
function icmpShare(ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  const known = [8, 128, 0, 129, 3, 1, 2, 11].filter(type => isWithin(ranges, type)).length
  return Math.min(1, known * 0.25 + 0.01)
}

function restShare(predicates: readonly Predicate[]): number {
  return predicates.reduce((share, predicate) => {
    if (predicate.kind === 'source') return share * 0.01
    if (predicate.field === 'fragment') return share * FRAGMENTED
    if (predicate.kind === 'number' && predicate.field === 'dscp')
      return share * (isWithin(predicate.ranges, 0) ? 0.8 : 0.1)
    if (predicate.kind === 'number' && predicate.field === 'flow-label')
      return share * (isWithin(predicate.ranges, 0) ? 0.3 : 0.001)
    return share
  }, 1)
}

const numbersOf = (predicates: readonly Predicate[], field: NumberField) =>
  predicates.find((one): one is NumberPredicate => one.kind === 'number' && one.field === field)

const countOf = (ranges: readonly Range[]) => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)

/** How many of the values from `low` to `high` lie in the ranges. */
const overlap = (ranges: readonly Range[], low: number, high: number) =>
  ranges.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, high) - Math.max(from, low) + 1), 0)
