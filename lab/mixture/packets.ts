// Packets to our host as FlowSpec sees them, put together from who sends them and what they carry.

import type { Packet } from '#lib/flowspec/matches.ts'
import { FRAGMENT_BITS, TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import type { Address } from '#lib/ip/address.ts'
import type { Sender } from './sender.ts'

/** The host of ours that all of it goes to. */
export const TARGET: Address = { family: 4, value: 0xcb00_710an }
export const TARGET_PREFIX = '203.0.113.10/32'

export const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, ospf: 89 } as const

const IP = 20
const UDP = 8
const TCP = 20
const ICMP = 8
/** The longest packet of Ethernet. */
const LONGEST = 1500

export const {
  fin: FIN,
  syn: SYN,
  rst: RST,
  psh: PSH,
  ack: ACK,
  urg: URG,
  ece: ECE,
  cwr: CWR,
} = TCP_FLAG_BITS
const { 'dont-fragment': DONT, 'is-fragment': LATER, first: FIRST, last: LAST } = FRAGMENT_BITS

export const udp = (from: Sender, sourcePort: number, targetPort: number, payload: number): Packet => ({
  source: from.address,
  target: TARGET,
  protocol: PROTOCOL.udp,
  sourcePort,
  targetPort,
  length: IP + UDP + payload,
  dscp: from.dscp,
  fragment: from.system.keepsUdpWhole ? DONT : 0,
})

interface Segment {
  readonly flags: number
  /** Octets after the header. */
  readonly payload?: number
  /** Octets of options; default what the system of the sender puts into all segments. */
  readonly options?: number
  /** Don't-fragment is off, as raw sockets have it. */
  readonly isRaw?: boolean
}

export const tcp = (from: Sender, sourcePort: number, targetPort: number, segment: Segment): Packet => ({
  source: from.address,
  target: TARGET,
  protocol: PROTOCOL.tcp,
  sourcePort,
  targetPort,
  tcpFlags: segment.flags,
  length: Math.min(LONGEST, IP + TCP + (segment.options ?? from.system.options) + (segment.payload ?? 0)),
  dscp: from.dscp,
  fragment: segment.isRaw ? 0 : DONT,
})

export const icmp = (from: Sender, icmpType: number, icmpCode: number, payload: number): Packet => ({
  source: from.address,
  target: TARGET,
  protocol: PROTOCOL.icmp,
  icmpType,
  icmpCode,
  length: IP + ICMP + payload,
  dscp: from.dscp,
  fragment: 0,
})

/** A protocol without ports. */
export const portless = (from: Sender, protocol: number, payload: number): Packet => ({
  source: from.address,
  target: TARGET,
  protocol,
  length: Math.min(LONGEST, IP + payload),
  dscp: from.dscp,
  fragment: 0,
})

/** Octets of payload in each fragment but the last. */
const PER_FRAGMENT = 1480

/**
 * A datagram cut to the size of Ethernet, in order. The first part has the ports, the others have none; one that fits
 * stays whole.
 */
export function cut(whole: Packet): Packet[] {
  if (whole.length <= LONGEST) return [whole]
  const payload = whole.length - IP
  const { source, target, protocol, dscp } = whole
  const parts: Packet[] = [{ ...whole, length: LONGEST, fragment: FIRST }]
  for (let at = PER_FRAGMENT; at < payload; at += PER_FRAGMENT) {
    const rest = Math.min(PER_FRAGMENT, payload - at)
    const isLast = at + rest === payload
    parts.push({
      source,
      target,
      protocol,
      length: IP + rest,
      dscp,
      fragment: isLast ? LATER | LAST : LATER,
    })
  }
  return parts
}

/** A fragment from the middle of a datagram that has neither a beginning nor an end. */
export const middleFragment = (from: Sender, protocol: number, payload: number): Packet => ({
  ...portless(from, protocol, payload),
  fragment: LATER,
})

const IPV6_MORE = 20
const ICMPV6 = 58
/** Echo, its reply, unreachable and time exceeded have other numbers in ICMPv6 (RFC 4443). */
const ICMPV6_TYPES: Readonly<Record<number, number>> = { 8: 128, 0: 129, 3: 1, 11: 3 }
const NETWORK6 = 0x2a00n << 112n

/** The same packet over IPv6: a longer header, other numbers of ICMP, no don't-fragment. */
export function asIpv6(packet: Packet): Packet {
  const { icmpType } = packet
  const isIcmp = icmpType !== undefined
  return {
    ...packet,
    source: { family: 6, value: NETWORK6 | (packet.source.value << 64n) | 1n },
    target: TARGET6,
    protocol: isIcmp ? ICMPV6 : packet.protocol,
    length: Math.min(LONGEST, packet.length + IPV6_MORE),
    fragment: packet.fragment & ~DONT,
    flowLabel: Number(packet.source.value & 0xfffffn),
    ...(isIcmp ? { icmpType: ICMPV6_TYPES[icmpType] ?? icmpType } : {}),
  }
}

export const TARGET6: Address = { family: 6, value: 0x2001_0db8_0010_0000_0000_0000_0000_0010n }
export const TARGET6_PREFIX = '2001:db8:10::10/128'
