// Link layers a frame may begin with, other than Ethernet (LINKTYPE_ registry of pcap).

import { LINK, OUTCOME } from '#2-decode/sample.ts'
import { stepLlc } from './ethernet.ts'
import { ETHER_TYPE, step } from './layer.ts'

const { ipv4, ipv6, mpls, ppp } = ETHER_TYPE
const { notIp, cut, malformed } = OUTCOME

const SLL_BYTES = 16
const SLL2_BYTES = 20
const FAMILY_BYTES = 4

/** The first step into a frame. Link types that are not known here are not IP. */
export function stepLink(frame: DataView, at: number, end: number, link: number): number {
  switch (link) {
    case LINK.rawIp:
    case LINK.rawIpBsd:
    case LINK.rawIpOpenBsd:
      return stepByVersion(frame, at, end)
    case LINK.ipv4:
      return step(0, ipv4)
    case LINK.ipv6:
      return step(0, ipv6)
    case LINK.linuxSll:
      return end - at < SLL_BYTES ? -cut : step(SLL_BYTES, frame.getUint16(at + 14))
    case LINK.linuxSll2:
      return end - at < SLL2_BYTES ? -cut : step(SLL2_BYTES, frame.getUint16(at))
    case LINK.null:
    case LINK.loop:
      return stepFamily(frame, at, end)
    case LINK.ppp:
      return step(0, ppp)
    case LINK.mpls:
      return step(0, mpls)
    case LINK.atm:
      return stepLlc(frame, at, end)
    default:
      return -notIp
  }
}

/** Bytes that begin with an IP header of either version. */
export function stepByVersion(frame: DataView, at: number, end: number): number {
  if (end - at < 1) return -cut
  const version = frame.getUint8(at) >> 4
  if (version === 4) return step(0, ipv4)
  return version === 6 ? step(0, ipv6) : -malformed
}

/** An address family of the capturing system, in its byte order; the number of IPv6 differs between systems. */
function stepFamily(frame: DataView, at: number, end: number): number {
  if (end - at < FAMILY_BYTES) return -cut
  const isBigEndian = frame.getUint16(at) === 0
  switch (frame.getUint32(at, !isBigEndian)) {
    case 2:
      return step(FAMILY_BYTES, ipv4)
    case 10:
    case 24:
    case 28:
    case 30:
      return step(FAMILY_BYTES, ipv6)
    default:
      return -notIp
  }
}
