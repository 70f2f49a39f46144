// Hot path. IPv6 header (RFC 8200).

import { OUTCOME, type Sample } from '#2-decode/sample.ts'
import { decodeExtensions } from './ipv6-extensions.ts'
import { decodeTransport, limitOf, PROTOCOL } from './transport.ts'

const { cut, malformed } = OUTCOME
const { tcp, udp, icmpv6 } = PROTOCOL

const HEADER_BYTES = 40

/** Fills everything but `vlan` when the outcome is `decoded`; otherwise the sample is not to be used. */
export function decodeIpv6(frame: DataView, at: number, end: number, sample: Sample): number {
  if (end - at < HEADER_BYTES) return cut
  if (frame.getUint8(at) >> 4 !== 6) return malformed
  // Payload length 0 is a jumbogram (RFC 2675) or a segment that the network card will cut: no length is stated.
  const payload = frame.getUint16(at + 4)
  const length = payload === 0 ? 0 : payload + HEADER_BYTES
  sample.family = 6
  sample.sourceA = frame.getInt32(at + 8, true)
  sample.sourceB = frame.getInt32(at + 12, true)
  sample.sourceC = frame.getInt32(at + 16, true)
  sample.sourceD = frame.getInt32(at + 20, true)
  sample.targetA = frame.getInt32(at + 24, true)
  sample.targetB = frame.getInt32(at + 28, true)
  sample.targetC = frame.getInt32(at + 32, true)
  sample.targetD = frame.getInt32(at + 36, true)
  sample.ttl = frame.getUint8(at + 7)
  sample.ipLength = length
  sample.ipOffset = at
  sample.isFragment = 0
  sample.fragmentOffset = 0
  const next = frame.getUint8(at + 6)
  const limit = limitOf(at, length, end)
  // Most packets have no extension header; they need not enter the walk.
  if (next === tcp || next === udp || next === icmpv6) {
    return decodeTransport(frame, at + HEADER_BYTES, limit, next, sample)
  }
  return decodeExtensions(frame, at + HEADER_BYTES, limit, next, sample)
}
