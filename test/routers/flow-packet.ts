// Packets that differ in all that FlowSpec looks at: as a frame to send, and as our reference sees them.

import fc from 'fast-check'
import type { Packet } from '#lib/flowspec/matches.ts'
import { FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import type { Address } from '#lib/ip/address.ts'

export interface FlowPacket {
  readonly family: 4 | 6
  readonly source: bigint
  readonly target: bigint
  readonly protocol: number
  /** Source and target, or type and code of ICMP in the lower octets. */
  readonly ports: readonly [number, number]
  /** The lower twelve bits of octets 13 and 14 of TCP. */
  readonly flags: number
  /** Octets after the transport header. */
  readonly payload: number
  readonly dscp: number
  readonly flowLabel: number
  /** In IPv6 only a fragment has a header for it. */
  readonly place: { readonly offset: number; readonly more: boolean; readonly keep: boolean }
}

const [ICMP, TCP, UDP, ICMP6] = [1, 6, 17, 58]
/** What is to be judged has a whole TCP header's worth of octets. */
const TRANSPORT_OCTETS = 20
/** The receiving interface's. */
const TARGET_MAC = [2, 0, 0, 0, 0, 1]
const SOURCE_MAC = [2, 0, 0, 0, 0, 2]
const ATOMIC_SHARE = 4

/** Few values, so that rules and packets meet. No next header that is an extension. */
export const anyFlowPacket = (family: 4 | 6): fc.Arbitrary<FlowPacket> => {
  const net = family === 4 ? 0xc6_12_00_00n : 0x2001_0db8_0010_0000_0000_0000_0000_0000n
  const address = fc.bigInt({ min: 0n, max: 7n }).map(host => net | host)
  const port = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(53, 80, 443, 1024, 65_535))
  return fc.record<FlowPacket>({
    family: fc.constant(family),
    source: address,
    target: address,
    protocol: fc.constantFrom(TCP, TCP, UDP, UDP, family === 4 ? ICMP : ICMP6, 47, 132, 200),
    ports: fc.tuple(port, port),
    flags: fc.oneof(fc.constantFrom(2, 16, 18, 4), fc.integer({ min: 0, max: 0xfff })),
    payload: fc.constantFrom(0, 1, 8, 400, 1380),
    dscp: fc.oneof(fc.constantFrom(0, 46), fc.integer({ min: 0, max: 63 })),
    flowLabel: fc.constantFrom(0, 1, 5, 0xfffff),
    place: fc.oneof(
      fc.record({ offset: fc.constant(0), more: fc.constant(false), keep: fc.boolean() }),
      fc.record({ offset: fc.constantFrom(0, 8, 1480), more: fc.boolean(), keep: fc.boolean() }),
    ),
  })
}

/** As the reference sees it: what lies beyond the first fragment has no ports, and only TCP has flags. */
export function referenceOf(packet: FlowPacket): Packet {
  const { family, protocol, ports, flags, payload, dscp, flowLabel, place } = packet
  const isWhole = place.offset === 0
  const [first, second] = ports
  return {
    source: addressOf(family, packet.source),
    target: addressOf(family, packet.target),
    protocol,
    ...(isWhole && (protocol === TCP || protocol === UDP) ? { sourcePort: first, targetPort: second } : {}),
    ...(isWhole && protocol === (family === 4 ? ICMP : ICMP6)
      ? { icmpType: first & 255, icmpCode: second & 255 }
      : {}),
    ...(isWhole && protocol === TCP ? { tcpFlags: flags } : {}),
    length: (family === 4 ? 20 : 40) + fragmentHeader(packet).length + TRANSPORT_OCTETS + payload,
    dscp,
    fragment: fragmentBits(packet),
    ...(family === 6 ? { flowLabel } : {}),
  }
}

/** RFC 8955, section 4.2.2.12. */
function fragmentBits({ family, place }: FlowPacket): number {
  const later = place.offset > 0
  return (
    (family === 4 && place.keep ? FRAGMENT_BITS['dont-fragment'] : 0) |
    (later ? FRAGMENT_BITS['is-fragment'] : 0) |
    (!later && place.more ? FRAGMENT_BITS.first : 0) |
    (later && !place.more ? FRAGMENT_BITS.last : 0)
  )
}

const addressOf = (family: 4 | 6, value: bigint): Address => ({ family, value })

export function frameOf(packet: FlowPacket): Uint8Array {
  const rest = [...fragmentHeader(packet), ...transportOf(packet), ...Array<number>(packet.payload).fill(0)]
  const ip = packet.family === 4 ? ipv4Header(packet, rest.length) : ipv6Header(packet, rest.length)
  const type = packet.family === 4 ? 0x0800 : 0x86dd
  return Uint8Array.from([...TARGET_MAC, ...SOURCE_MAC, ...two(type), ...ip, ...rest])
}

function ipv4Header({ source, target, protocol, dscp, place }: FlowPacket, rest: number): number[] {
  const flags = (place.keep ? 0x4000 : 0) | (place.more ? 0x2000 : 0) | (place.offset >> 3)
  const header = [
    ...[0x45, dscp << 2, ...two(20 + rest), ...two(1), ...two(flags)],
    ...[64, protocol, 0, 0, ...octets(source, 4), ...octets(target, 4)],
  ]
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += (header[at]! << 8) | header[at + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  header.splice(10, 2, ...two(~sum & 0xffff))
  return header
}

function ipv6Header(packet: FlowPacket, rest: number): number[] {
  const { source, target, protocol, dscp, flowLabel } = packet
  const word = ((6 << 28) | (dscp << 22) | flowLabel) >>> 0
  const next = fragmentHeader(packet).length > 0 ? 44 : protocol
  return [
    ...two(word >>> 16),
    ...two(word & 0xffff),
    ...two(rest),
    next,
    64,
    ...octets(source, 16),
    ...octets(target, 16),
  ]
}

/** `keep` makes of some whole packets atomic fragments (RFC 6946). */
function fragmentHeader({ family, protocol, ports, place }: FlowPacket): number[] {
  const isAtomic = place.keep && ports[0] % ATOMIC_SHARE === 1
  if (family === 4 || (place.offset === 0 && !place.more && !isAtomic)) return []
  return [protocol, 0, ...two(place.offset | (place.more ? 1 : 0)), ...two(0), ...two(1)]
}

function transportOf({ protocol, ports, flags, family }: FlowPacket): number[] {
  const [first, second] = ports
  const isIcmp = protocol === (family === 4 ? ICMP : ICMP6)
  const head = isIcmp ? [first & 255, second & 255, 0, 0] : [...two(first), ...two(second)]
  const tcp = [
    ...two(0),
    ...two(1),
    ...two(0),
    ...two(0),
    ...two(0x5000 | flags),
    ...two(0),
    ...two(0),
    ...two(0),
  ]
  return [...head, ...tcp].slice(0, TRANSPORT_OCTETS)
}

const two = (value: number): number[] => [(value >> 8) & 255, value & 255]

const octets = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Number((value >> BigInt(8 * (count - 1 - at))) & 255n))
