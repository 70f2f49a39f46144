// Hot path. A header made up from a flow record: what its packets would have begun with, as far as the record tells.
//
// Evidence, vectors and reports look at packets. Of a record without one they are given this: addresses, protocol, ports,
// flags, whether it was a fragment, and the mean length. What is unknown is zero.

import type { Sample } from '#2-decode/sample.ts'

/** IPv6, a fragment header, TCP. */
export const HEADER_BYTES = 40 + 8 + 20

const [ICMP, TCP, UDP, FRAGMENT, ICMPV6] = [1, 6, 17, 44, 58] as const
const IPV4_BYTES = 20
const IPV6_BYTES = 40
const FRAGMENT_BYTES = 8
const MORE_FRAGMENTS = 0x2000

/** Writes the header at `at`; `bytes` is the mean length of the packets, IP header included. Gives the length written. */
export function writeHeader(view: DataView, at: number, sample: Sample, bytes: number): number {
  const length = Math.max(0, Math.min(65_535, bytes))
  return sample.family === 6 ? writeIpv6(view, at, sample, length) : writeIpv4(view, at, sample, length)
}

function writeIpv4(view: DataView, at: number, s: Sample, bytes: number): number {
  const payload = s.fragmentOffset === 0 ? transportBytes(s.protocol) : 0
  const total = Math.max(bytes, IPV4_BYTES + payload)
  view.setUint16(at, 0x4500)
  view.setUint16(at + 2, total)
  view.setUint16(at + 4, 0)
  view.setUint16(
    at + 6,
    s.isFragment === 0 ? 0 : s.fragmentOffset === 0 ? MORE_FRAGMENTS : s.fragmentOffset >>> 3,
  )
  view.setUint8(at + 8, s.ttl)
  view.setUint8(at + 9, s.protocol)
  view.setUint16(at + 10, 0)
  view.setInt32(at + 12, s.sourceA, true)
  view.setInt32(at + 16, s.targetA, true)
  if (payload !== 0) writeTransport(view, at + IPV4_BYTES, s, total - IPV4_BYTES)
  return IPV4_BYTES + payload
}

function writeIpv6(view: DataView, at: number, s: Sample, bytes: number): number {
  const isFragment = s.isFragment !== 0
  const payload = s.fragmentOffset === 0 ? transportBytes(s.protocol) : 0
  const extension = isFragment ? FRAGMENT_BYTES : 0
  const total = Math.max(bytes, IPV6_BYTES + extension + payload)
  view.setUint32(at, 0x6000_0000)
  view.setUint16(at + 4, total - IPV6_BYTES)
  view.setUint8(at + 6, isFragment ? FRAGMENT : s.protocol)
  view.setUint8(at + 7, s.ttl)
  writeWords(view, at + 8, s.sourceA, s.sourceB, s.sourceC, s.sourceD)
  writeWords(view, at + 24, s.targetA, s.targetB, s.targetC, s.targetD)
  if (isFragment) {
    view.setUint8(at + IPV6_BYTES, s.protocol)
    view.setUint8(at + IPV6_BYTES + 1, 0)
    view.setUint16(at + IPV6_BYTES + 2, s.fragmentOffset === 0 ? 1 : s.fragmentOffset & 0xfff8)
    view.setUint32(at + IPV6_BYTES + 4, 0)
  }
  if (payload !== 0) writeTransport(view, at + IPV6_BYTES + extension, s, total - IPV6_BYTES - extension)
  return IPV6_BYTES + extension + payload
}

function writeWords(view: DataView, at: number, a: number, b: number, c: number, d: number): void {
  view.setInt32(at, a, true)
  view.setInt32(at + 4, b, true)
  view.setInt32(at + 8, c, true)
  view.setInt32(at + 12, d, true)
}

/** Header bytes written of a protocol: all of TCP's and UDP's, else the first eight. */
const transportBytes = (protocol: number): number => (protocol === TCP ? 20 : 8)

function writeTransport(view: DataView, at: number, s: Sample, bytes: number): void {
  const { protocol } = s
  const isIcmp = protocol === ICMP || protocol === ICMPV6
  view.setUint16(at, isIcmp ? (s.icmpType << 8) | s.icmpCode : s.sourcePort)
  view.setUint16(at + 2, isIcmp ? 0 : s.targetPort)
  view.setUint32(at + 4, protocol === UDP ? bytes << 16 : 0)
  if (protocol !== TCP) return
  view.setUint32(at + 8, 0)
  view.setUint16(at + 12, 0x5000 | s.tcpFlags)
  view.setUint32(at + 14, 0)
  view.setUint16(at + 18, 0)
}
