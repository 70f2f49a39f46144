// What the packets of an attack have in common, as a FlowSpec rule can say it: from its vectors, else from its type.

import type { Attack, Reported } from '#4-detection/attack.ts'
import { VECTORS } from '#4-detection/vectors.ts'
import type { Vector } from '#4-detection/vectors-match.ts'
import { only, type Range } from '#lib/flowspec/build.ts'
import { type BitmaskTest, FRAGMENT_BITS, TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'

/** Fields that all packets of a flood share; what is left out is not looked at. */
export interface TrafficMatch {
  /** In words: `dns-amplification`. */
  readonly of: string
  readonly protocols?: readonly Range[]
  readonly sourcePorts?: readonly Range[]
  readonly targetPorts?: readonly Range[]
  readonly icmpTypes?: readonly Range[]
  readonly tcpFlags?: readonly (readonly BitmaskTest[])[]
  readonly lengths?: readonly Range[]
  readonly fragments?: readonly (readonly BitmaskTest[])[]
}

export const TCP = 6
export const UDP = 17
const ICMP = { 4: 1, 6: 58 } as const
const ECHO = { 4: 8, 6: 128 } as const
const REPLY = { 4: 0, 6: 129 } as const

/** With more of its packets later fragments than this, answers of an amplifier come in parts that carry no port. */
const FRAGMENTS_SHARE = 0.1

/**
 * One for each named vector of the attack, or one from its type. A match without any field stands for all traffic: nothing
 * is known, or no rule can say it.
 */
export function trafficOf(attack: Attack): TrafficMatch[] {
  if (attack.reported?.order !== undefined) return [asOrdered(attack.reported)]
  const rows = (attack.finding?.parts ?? []).flatMap(
    ({ vector }) => VECTORS.find(({ name }) => name === vector) ?? [],
  )
  if (rows.length === 0) return [byType(attack)]
  const found = rows.map(row => ofVector(row, attack.family))
  return rows.some(({ amplifier }) => amplifier !== undefined) && hasFragments(attack)
    ? [...found, { ...FRAGMENTS, of: 'later fragments of amplified answers', protocols: [only(UDP)] }]
    : found
}

/** An operator says himself what he means. */
const asOrdered = ({ protocol, ports }: Reported): TrafficMatch => ({
  of: 'what was ordered',
  ...(protocol === undefined ? {} : { protocols: [only(protocol)] }),
  ...(ports.length === 0 ? {} : { targetPorts: ports.map(only) }),
})

/** Whether it matches all traffic. */
export const isEverything = ({ of: _of, ...fields }: TrafficMatch): boolean =>
  Object.keys(fields).length === 0

const any = (bits: number): BitmaskTest => ({ isNot: false, isMatchAll: false, bits })
const all = (bits: number): BitmaskTest => ({ isNot: false, isMatchAll: true, bits })
const none = (bits: number): BitmaskTest => ({ isNot: true, isMatchAll: false, bits })

const FRAGMENTS: TrafficMatch = { of: 'fragments', fragments: [[all(FRAGMENT_BITS['is-fragment'])]] }
const ANY_FRAGMENT: TrafficMatch = {
  of: 'fragments',
  fragments: [[any(FRAGMENT_BITS['is-fragment'] | FRAGMENT_BITS.first | FRAGMENT_BITS.last)]],
}

const { fin, syn, rst, ack, psh, urg } = TCP_FLAG_BITS
const SYN_ALONE = [[all(syn), none(ack)]]

/** Rows whose packets a rule can say more, or less, of than their field for common traffic does. */
const SPECIAL: Readonly<Record<string, Omit<TrafficMatch, 'of'>>> = {
  'tcp-middlebox-reflection': {
    protocols: [only(TCP)],
    sourcePorts: [80, 443, 8080].map(only),
    tcpFlags: [[all(ack)]],
  },
  'dns-water-torture': { protocols: [only(UDP)], targetPorts: [only(53)] },
  'impossible-flags-flood': {
    protocols: [only(TCP)],
    tcpFlags: [
      [all(syn | fin)],
      [all(syn | rst)],
      [all(fin | rst)],
      [any(psh | urg), none(fin | syn | rst | ack)],
    ],
  },
  'random-protocol-flood': { protocols: without([1, TCP, UDP, 58]) },
  'other-protocol-flood': { protocols: without([0, 1, 4, TCP, UDP, 47, 50, 51, 58]) },
}

/** Protocol numbers but for these, in their order. */
function without(numbers: readonly number[]): Range[] {
  const ends = [...numbers, 256]
  return ends
    .map((end, at) => ({ from: (ends[at - 1] ?? -1) + 1, to: end - 1 }))
    .filter(({ from, to }) => from <= to)
}

function ofVector({ name, match }: Vector, family: 4 | 6): TrafficMatch {
  const special = SPECIAL[name]
  if (special !== undefined) return { of: name, ...special }
  const { protocol, sourcePort, lengths, tcpFlags, fragments, icmpType } = match
  return {
    of: name,
    ...(protocol === undefined ? {} : { protocols: [only(protocol === ICMP[4] ? ICMP[family] : protocol)] }),
    ...(sourcePort === undefined ? {} : { sourcePorts: [only(sourcePort)] }),
    ...(icmpType === undefined ? {} : { icmpTypes: [only(typeOf(icmpType, family))] }),
    ...(tcpFlags === undefined ? {} : { tcpFlags: [flagTests(tcpFlags)] }),
    ...(lengths === undefined ? {} : { lengths: [lengths] }),
    ...(fragments === undefined ? {} : { fragments: ANY_FRAGMENT.fragments ?? [] }),
  }
}

/** ICMPv6 has its own numbers for echo and reply (RFC 4443). */
const typeOf = (type: number, family: 4 | 6): number =>
  type === ECHO[4] ? ECHO[family] : type === REPLY[4] ? REPLY[family] : type

function flagTests({ mask, value }: { readonly mask: number; readonly value: number }): BitmaskTest[] {
  const clear = mask & ~value
  return [...(value === 0 ? [] : [all(value)]), ...(clear === 0 ? [] : [none(clear)])]
}

function byType(attack: Attack): TrafficMatch {
  switch (attack.type) {
    case 'syn_flood':
      return { of: 'syn_flood', protocols: [only(TCP)], tcpFlags: SYN_ALONE }
    case 'udp_flood':
      return { of: 'udp_flood', protocols: [only(UDP)] }
    case 'icmp_flood':
      return { of: 'icmp_flood', protocols: [only(ICMP[attack.family])] }
    case 'ip_fragmentation':
      return { ...ANY_FRAGMENT, of: 'ip_fragmentation' }
    case 'unknown':
      return byProtocol(attack)
  }
}

/** Only where the counters agree: as FastNetMon names it, what is none of the three is TCP. */
function byProtocol({ protocol, direction, speeds, family }: Attack): TrafficMatch {
  const { packets, tcpPackets, udpPackets, icmpPackets } =
    speeds[direction === 'outgoing' ? direction : 'incoming']
  if (protocol === 'tcp' && tcpPackets > packets / 2) return { of: 'TCP', protocols: [only(TCP)] }
  if (protocol === 'udp' && udpPackets > packets / 2) return { of: 'UDP', protocols: [only(UDP)] }
  if (protocol === 'icmp' && icmpPackets > packets / 2) return { of: 'ICMP', protocols: [only(ICMP[family])] }
  return { of: 'all of its traffic' }
}

function hasFragments({ speeds, direction }: Attack): boolean {
  const { packets, fragmentPackets } = speeds[direction === 'outgoing' ? direction : 'incoming']
  return fragmentPackets > packets * FRAGMENTS_SHARE
}
