// What is kept of a calm packet, in four words: all that a FlowSpec rule can look at, and whose packet it was.

import type { Sample } from '#2-decode/sample.ts'
import { addressOfWord, addressOfWords } from '#3-traffic/network-table.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import type { Address } from '#lib/ip/address.ts'

/** Words of a kept packet. */
export const CALM_WORDS = 4
/** Of `rest`: DSCP, fragment bits, then these. */
const FRAGMENT_SHIFT = 6
const INCOMING = 1 << 10
/** It has ports, or type and code. */
const HAS_TRANSPORT = 1 << 11
const HAS_FLAGS = 1 << 12
/** A flow record told of it; of one packet, or of several at once. */
const TOLD = 1 << 13
const TOLD_SEVERAL = 1 << 14
/** Then the tenth of a second in which it was learned, of about 3.6 hours. */
const TENTH_SHIFT = 15
const TENTHS = 1 << 17
const tenths = (seconds: number): number => Math.floor(seconds * 10)

const [ICMP, TCP, ICMPV6] = [1, 6, 58] as const
const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6
const LENGTH_MAX = 65_535

/** Whose packet it is: an address of ours, by its hash and as words of the wire. */
export interface CalmHost {
  readonly key: number
  readonly family: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** One packet of a host of ours in the making; one object serves for all. */
export class CalmRecord implements CalmHost {
  key = 0
  family = 0
  a = 0
  b = 0
  c = 0
  d = 0
  /** Protocol, TCP flags, length. */
  head = 0
  /** Source and target port, or type and code of ICMP. */
  ports = 0
  /** IPv4 address of the other end; an IPv6 address is not kept. */
  peer = 0
  rest = 0

  /**
   * Of a sample decoded from `frame`, to the host of ours (`isIncoming`) or from it. `told`: packets a flow record told of, 0 for
   * one that was seen.
   */
  fill(sample: Sample, frame: DataView, isIncoming: boolean, key: number, told: number): void {
    const { family, protocol, ipLength } = sample
    this.key = key
    this.family = family
    this.a = isIncoming ? sample.targetA : sample.sourceA
    this.b = isIncoming ? sample.targetB : sample.sourceB
    this.c = isIncoming ? sample.targetC : sample.sourceC
    this.d = isIncoming ? sample.targetD : sample.sourceD
    const length = ipLength > LENGTH_MAX ? LENGTH_MAX : ipLength
    this.head = ((protocol << 24) | (sample.tcpFlags << 16) | length) >>> 0
    this.ports = isIcmp(protocol)
      ? (sample.icmpType << 8) | sample.icmpCode
      : ((sample.sourcePort << 16) | sample.targetPort) >>> 0
    this.peer = family === 6 ? 0 : (isIncoming ? sample.sourceA : sample.targetA) >>> 0
    this.rest = restOf(sample, frame, isIncoming, told)
  }
}

function restOf(sample: Sample, frame: DataView, isIncoming: boolean, told: number): number {
  const { family, protocol, ipOffset, fragmentOffset, transportOffset, isCut } = sample
  const trafficClass = family === 6 ? (frame.getUint16(ipOffset) >> 4) & 255 : frame.getUint8(ipOffset + 1)
  const hasTransport = fragmentOffset === 0 && transportOffset > 0 && isCut === 0
  return (
    (trafficClass >> 2) |
    (fragmentBits(sample, frame) << FRAGMENT_SHIFT) |
    (isIncoming ? INCOMING : 0) |
    (hasTransport && (isIcmp(protocol) || WITH_PORTS.has(protocol)) ? HAS_TRANSPORT : 0) |
    (hasTransport && protocol === TCP ? HAS_FLAGS : 0) |
    (told === 0 ? 0 : told === 1 ? TOLD : TOLD | TOLD_SEVERAL)
  )
}

/** TCP, UDP, DCCP, SCTP and UDP-Lite begin with ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136])

/** Of IPv6 it is not looked up whether a later fragment is the last: calm hosts seldom have any. */
function fragmentBits({ family, ipOffset, isFragment, fragmentOffset }: Sample, frame: DataView): number {
  const later = fragmentOffset === 0 ? FRAGMENT_BITS.first : FRAGMENT_BITS['is-fragment']
  if (family === 6) return isFragment === 0 ? 0 : later
  const field = frame.getUint16(ipOffset + 6)
  const last = fragmentOffset > 0 && (field & 0x2000) === 0 ? FRAGMENT_BITS.last : 0
  return (field & 0x4000 ? FRAGMENT_BITS['dont-fragment'] : 0) | (isFragment === 0 ? 0 : later | last)
}

/** A packet with the moment in which it is learned. */
export const stamped = (rest: number, seconds: number): number =>
  (rest | ((tenths(seconds) % TENTHS) << TENTH_SHIFT)) >>> 0

/** Which packets count as calm: those learned before a moment, on the clock by which they were. */
export interface CalmUntil {
  readonly nowSeconds: number
  readonly beforeSeconds: number
}

/** The clock comes round: then a packet of hours ago may seem a young one, and is left out. */
function isYoung(rest: number, { nowSeconds, beforeSeconds }: CalmUntil): boolean {
  const age = (tenths(nowSeconds) - (rest >>> TENTH_SHIFT)) & (TENTHS - 1)
  return age <= tenths(nowSeconds) - tenths(beforeSeconds)
}

/** A calm packet as rules look at it. */
export interface CalmPacket {
  readonly packet: Packet
  /** Packets a flow record told of: several tell a mean length and flags of all of them. 0: it was seen. */
  readonly told: 0 | 1 | 2
}

/** The packet of these words, `undefined` when it went the other way or is too young. Of IPv6 the other end stands as `::`. */
export function calmPacketOf(
  words: Uint32Array,
  at: number,
  host: CalmHost,
  isIncoming: boolean,
  until: CalmUntil,
): CalmPacket | undefined {
  const [head, ports, rest] = [words[at]!, words[at + 1]!, words[at + 3]!]
  if (((rest & INCOMING) !== 0) !== isIncoming || isYoung(rest, until)) return undefined
  const protocol = head >>> 24
  const own = addressOf(host)
  const peer: Address = host.family === 6 ? { family: 6, value: 0n } : addressOfWord(words[at + 2]! | 0)
  const packet: Packet = {
    ...(isIncoming ? { source: peer, target: own } : { source: own, target: peer }),
    ...{ protocol, length: head & 0xffff, dscp: rest & 63, fragment: (rest >> FRAGMENT_SHIFT) & 15 },
    ...((rest & HAS_TRANSPORT) === 0 ? {} : transportOf(protocol, ports)),
    ...((rest & HAS_FLAGS) === 0 ? {} : { tcpFlags: (head >>> 16) & 255 }),
  }
  return { packet, told: (rest & TOLD) === 0 ? 0 : (rest & TOLD_SEVERAL) === 0 ? 1 : 2 }
}

const transportOf = (protocol: number, ports: number): Partial<Packet> =>
  isIcmp(protocol)
    ? { icmpType: ports >>> 8, icmpCode: ports & 255 }
    : { sourcePort: ports >>> 16, targetPort: ports & 0xffff }

export const addressOf = ({ family, a, b, c, d }: CalmHost): Address =>
  family === 6 ? addressOfWords(a, b, c, d) : addressOfWord(a)

/** By what a packet is familiar, of a kept one: see `mixKeysOf`. */
export function mixFieldsOf(words: Uint32Array, at: number) {
  const [head, ports, rest] = [words[at]!, words[at + 1]!, words[at + 3]!]
  const protocol = head >>> 24
  const isIncoming = (rest & INCOMING) !== 0
  const [source, target] = isIcmp(protocol) ? [0, 0] : [ports >>> 16, ports & 0xffff]
  const [own, peer] = isIncoming ? [target, source] : [source, target]
  return { isIncoming, protocol, own, peer, bytes: head & 0xffff }
}
