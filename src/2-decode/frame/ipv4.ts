// Hot path. IPv4 header (RFC 791).

import { OUTCOME, type Sample } from '#2-decode/sample.ts'
import { decodeTransport, limitOf, skipTransport } from './transport.ts'

const { cut, malformed } = OUTCOME

const HEADER_BYTES = 20
const MORE_FRAGMENTS = 0x2000
const OFFSET = 0x1fff

/** Fills everything but `vlan` when the outcome is `decoded`; otherwise the sample is not to be used. */
export function decodeIpv4(frame: DataView, at: number, end: number, sample: Sample): number {
  if (end - at < HEADER_BYTES) return cut
  const first = frame.getUint8(at)
  const headerBytes = (first & 0x0f) << 2
  const length = frame.getUint16(at + 2)
  if (first >> 4 !== 4 || headerBytes < HEADER_BYTES) return malformed
  // A segment that the network card will cut (TSO) is captured with length 0.
  if (length !== 0 && length < headerBytes) return malformed
  sample.family = 4
  sample.sourceA = frame.getInt32(at + 12, true)
  sample.targetA = frame.getInt32(at + 16, true)
  sample.sourceB = sample.sourceC = sample.sourceD = 0
  sample.targetB = sample.targetC = sample.targetD = 0
  sample.ttl = frame.getUint8(at + 8)
  sample.ipLength = length
  sample.ipOffset = at
  const fragment = frame.getUint16(at + 6)
  sample.isFragment = (fragment & (MORE_FRAGMENTS | OFFSET)) === 0 ? 0 : 1
  sample.fragmentOffset = (fragment & OFFSET) << 3
  const protocol = frame.getUint8(at + 9)
  if ((fragment & OFFSET) !== 0) return skipTransport(protocol, 0, sample)
  return decodeTransport(frame, at + headerBytes, limitOf(at, length, end), protocol, sample)
}
