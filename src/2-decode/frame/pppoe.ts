// Hot path. PPPoE sessions (RFC 2516) and the PPP within (RFC 1661, RFC 1662).

import { OUTCOME } from '#2-decode/sample.ts'
import { ETHER_TYPE, step } from './layer.ts'

const { ipv4, ipv6, mpls, ppp } = ETHER_TYPE
const { notIp, cut, malformed } = OUTCOME

const PPPOE_BYTES = 6
const VERSION_1_TYPE_1 = 0x11
const SESSION = 0
/** Address and control field of PPP in HDLC-like framing; left out on most links. */
const HDLC = 0xff03

const PROTOCOL = { ipv4: 0x0021, ipv6: 0x0057, mpls: 0x0281, mplsMulticast: 0x0283 } as const

export function stepPppoe(frame: DataView, at: number, end: number): number {
  if (end - at < PPPOE_BYTES) return -cut
  if (frame.getUint8(at) !== VERSION_1_TYPE_1) return -malformed
  if (frame.getUint8(at + 1) !== SESSION) return -notIp
  return step(PPPOE_BYTES, ppp)
}

export function stepPpp(frame: DataView, at: number, end: number): number {
  if (end - at < 2) return -cut
  const hdlcBytes = frame.getUint16(at) === HDLC ? 2 : 0
  at += hdlcBytes
  if (end - at < 2) return -cut
  // An odd first byte is a protocol number compressed to one byte (RFC 1661, 6.5).
  const first = frame.getUint8(at)
  const isCompressed = (first & 1) === 1
  const bytes = hdlcBytes + (isCompressed ? 1 : 2)
  switch (isCompressed ? first : frame.getUint16(at)) {
    case PROTOCOL.ipv4:
      return step(bytes, ipv4)
    case PROTOCOL.ipv6:
      return step(bytes, ipv6)
    case PROTOCOL.mpls:
    case PROTOCOL.mplsMulticast:
      return step(bytes, mpls)
    default:
      return -notIp
  }
}
