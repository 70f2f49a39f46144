// Hot path. From the protocol number to the transport header; both IP versions end here.

import { OUTCOME, type Sample } from '#2-decode/sample.ts'
import { decodeIcmp } from './icmp.ts'
import { decodeTcp } from './tcp.ts'
import { decodePorts } from './udp.ts'

/** Protocol numbers that are looked into (IANA). */
export const PROTOCOL = {
  icmp: 1,
  ipInIp: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6InIp: 41,
  gre: 47,
  icmpv6: 58,
  sctp: 132,
  udpLite: 136,
} as const

const { tcp, udp, icmp, icmpv6, udpLite, sctp, dccp } = PROTOCOL
const { decoded } = OUTCOME

const UDP_BYTES = 8
/** SCTP's common header (RFC 9260) and DCCP's shortest generic header (RFC 4340) begin with ports as well. */
const SCTP_BYTES = 12

/**
 * Where a packet ends: behind its stated length lies padding of the frame, not payload; a length of 0 states none.
 * Compared by hand, because `Math.min` makes floating-point numbers of integers here.
 */
export function limitOf(at: number, length: number, end: number): number {
  const stated = at + length
  return length !== 0 && stated < end ? stated : end
}

/** Fills every transport field from the header at `at`, as far as it lies before `limit`. Always `decoded`. */
export function decodeTransport(
  frame: DataView,
  at: number,
  limit: number,
  protocol: number,
  sample: Sample,
): number {
  skipTransport(protocol, 0, sample)
  sample.transportOffset = at
  switch (protocol) {
    case tcp:
      decodeTcp(frame, at, limit, sample)
      break
    case udp:
      decodePorts(frame, at, limit, UDP_BYTES, sample)
      break
    case icmp:
    case icmpv6:
      decodeIcmp(frame, at, limit, sample)
      break
    default:
      decodeRare(frame, at, limit, protocol, sample)
  }
  return decoded
}

/** Apart, so that the function above stays small enough to be compiled into its callers. */
function decodeRare(frame: DataView, at: number, limit: number, protocol: number, sample: Sample): void {
  switch (protocol) {
    case udpLite:
      decodePorts(frame, at, limit, UDP_BYTES, sample)
      break
    case sctp:
    case dccp:
      decodePorts(frame, at, limit, SCTP_BYTES, sample)
      break
    default:
      if (at > limit) sample.isCut = 1
  }
}

/** Fills the transport fields of a packet whose transport header is not there: a later fragment, or a chain that was cut. */
export function skipTransport(protocol: number, isCut: 0 | 1, sample: Sample): number {
  sample.protocol = protocol
  sample.sourcePort = sample.targetPort = 0
  sample.tcpFlags = 0
  sample.icmpType = sample.icmpCode = 0
  sample.isCut = isCut
  sample.transportOffset = 0
  return decoded
}
