// What part of anybody's honest traffic a match would take, before a sample is seen: the width of a match.
//
// It stands for some samples beside the calm ones. With ten thousand of those it only decides between matches that take none
// of them: the narrower one is the safer one. Without any it is all there is.

import type { Range } from '#lib/flowspec/build.ts'
import type { Legitimate, PortRange } from './distillation.ts'
import type { NumberField } from './fields.ts'
import {
  ANSWERS,
  FIRST_EPHEMERAL,
  FRAGMENTED,
  FROM_ONE_NETWORK,
  ICMP,
  ICMP_V6,
  LENGTHS,
  type LengthsName,
  OTHER_PROTOCOLS,
  PROTOCOL_SHARES,
  TCP,
  TCP_KINDS,
  TO_CLIENTS,
  TO_SERVICES,
  UDP,
} from './ordinary-mix.ts'
import { type BitsPredicate, bitsHold, isWithin, type NumberPredicate, type Predicate } from './predicate.ts'

const LAST_PORT = 65_535

/** 0 to 1: the share of ordinary packets that all of the predicates match. */
export function ordinaryShare(predicates: readonly Predicate[], legitimate: Legitimate | undefined): number {
  const protocols = numbersOf(predicates, 'protocol')
  const ofProtocols = PROTOCOL_SHARES.reduce((sum, [protocol, share]) => {
    if (protocols !== undefined && !isWithin(protocols.ranges, protocol)) return sum
    return sum + share * shareOfProtocol(protocol, predicates, legitimate)
  }, 0)
  const others = protocols === undefined ? 1 : countOf(protocols.ranges) / 256
  return (ofProtocols + OTHER_PROTOCOLS * others * shareOfProtocol(0, predicates)) * restShare(predicates)
}

/** The share of ordinary packets to a service of the owner that they match: the most of any of its ports. */
export function serviceShare(predicates: readonly Predicate[], legitimate: Legitimate): number {
  const protocols = numbersOf(predicates, 'protocol')
  const target = numbersOf(predicates, 'destination-port')
  const isHit = (protocol: number, ports: readonly PortRange[] = []) =>
    (protocols === undefined || isWithin(protocols.ranges, protocol)) &&
    ports.some(({ from, to }) => target === undefined || overlap(target.ranges, from, to) > 0)
  const others = predicates.filter(({ field }) => field !== 'destination-port' && field !== 'protocol')
  const hits = [
    isHit(TCP, legitimate.tcp) ? shareOfProtocol(TCP, others) : 0,
    isHit(UDP, legitimate.udp) ? shareOfProtocol(UDP, others) : 0,
  ]
  return Math.max(...hits) * restShare(predicates)
}

function shareOfProtocol(
  protocol: number,
  predicates: readonly Predicate[],
  legitimate: Legitimate = {},
): number {
  // What is cut into fragments has the lengths that the cutting gives it.
  const isCut = predicates.some(({ field }) => field === 'fragment')
  const lengths = isCut ? undefined : numbersOf(predicates, 'packet-length')?.ranges
  const source = numbersOf(predicates, 'source-port')?.ranges
  const target = numbersOf(predicates, 'destination-port')?.ranges
  const icmpType = numbersOf(predicates, 'icmp-type')?.ranges
  const flags = predicates.find((one): one is BitsPredicate => one.field === 'tcp-flags')
  const isIcmp = protocol === ICMP || protocol === ICMP_V6
  if (protocol !== TCP && protocol !== UDP && (source !== undefined || target !== undefined)) return 0
  if (protocol !== TCP && flags !== undefined) return 0
  if (!isIcmp && icmpType !== undefined) return 0
  if (protocol === TCP)
    return targetShare(target, legitimate.tcp) * sourceShare(TCP, source) * tcpShare(flags, lengths)
  if (protocol === UDP) return targetShare(target, legitimate.udp) * datagramShare(source, lengths)
  return isIcmp ? lengthShare('echo', lengths) * icmpShare(icmpType) : lengthShare('tunnel', lengths)
}

function tcpShare(flags: BitsPredicate | undefined, lengths: readonly Range[] | undefined): number {
  return TCP_KINDS.reduce((sum, kind) => {
    if (flags !== undefined && !bitsHold(flags, kind.flags)) return sum
    return sum + kind.share * lengthShare(kind.lengths, lengths)
  }, 1e-5)
}

/** Answers of a service have its lengths. */
function datagramShare(source: readonly Range[] | undefined, lengths: readonly Range[] | undefined): number {
  if (source === undefined) return lengthShare('datagrams', lengths)
  const answers = ANSWERS[UDP] ?? []
  const known = answers.reduce(
    (sum, kind) =>
      isWithin(source, kind.port) ? sum + kind.share * lengthShare(kind.lengths, lengths) : sum,
    0,
  )
  return known + unknownPorts(UDP) * evenShare(source) * lengthShare('datagrams', lengths)
}

function lengthShare(name: LengthsName, ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  const { any, pieces } = LENGTHS[name]
  return pieces.reduce(
    (sum, [from, to, share]) => sum + (share * overlap(ranges, from, to)) / (to - from + 1),
    any,
  )
}

function sourceShare(protocol: number, ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  const answers = (ANSWERS[protocol] ?? []).reduce(
    (sum, { port, share }) => sum + (isWithin(ranges, port) ? share : 0),
    0,
  )
  return answers + unknownPorts(protocol) * evenShare(ranges)
}

const unknownPorts = (protocol: number) =>
  (ANSWERS[protocol] ?? []).reduce((left, { share }) => left - share, 1)

function targetShare(
  ranges: readonly Range[] | undefined,
  services: readonly PortRange[] | undefined,
): number {
  if (ranges === undefined) return 1
  const answers = TO_CLIENTS * evenShare(ranges)
  // Where nobody says which ports are meant, a port that is flooded may well be one.
  if (services === undefined) return TO_SERVICES + answers
  const isHit = services.some(({ from, to }) => overlap(ranges, from, to) > 0)
  return (isHit ? TO_SERVICES : 0.001) + answers
}

/** Most answers go to high ports; each low one still counts for something. */
const evenShare = (ranges: readonly Range[]) =>
  overlap(ranges, FIRST_EPHEMERAL, LAST_PORT) / (LAST_PORT + 1 - FIRST_EPHEMERAL) +
  (0.02 * overlap(ranges, 0, FIRST_EPHEMERAL - 1)) / FIRST_EPHEMERAL

/** Echoes, their answers, and errors that belong to connections (unreachable, too big, exceeded). */
function icmpShare(ranges: readonly Range[] | undefined): number {
  if (ranges === undefined) return 1
  const known = [8, 128, 0, 129, 3, 1, 2, 11].filter(type => isWithin(ranges, type)).length
  return Math.min(1, known * 0.25 + 0.01)
}

function restShare(predicates: readonly Predicate[]): number {
  return predicates.reduce((share, predicate) => {
    if (predicate.kind === 'source') return share * FROM_ONE_NETWORK
    if (predicate.field === 'fragment') return share * FRAGMENTED
    if (predicate.kind === 'number' && predicate.field === 'dscp')
      return share * (isWithin(predicate.ranges, 0) ? 0.8 : 0.4)
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
