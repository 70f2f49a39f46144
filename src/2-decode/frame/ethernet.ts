// Hot path. Ethernet II (IEEE 802.3, 3.2) and IP behind an LLC/SNAP header (RFC 1042).

import { OUTCOME } from '#2-decode/sample.ts'
import { step } from './layer.ts'

const { notIp, cut } = OUTCOME

const HEADER_BYTES = 14
const SNAP_BYTES = 8
/** Both service access points 0xaa (SNAP), unnumbered information, and the first byte of an all-zero organisation. */
const SNAP_START = 0xaaaa0300

/** Smallest EtherType; what is below is a length, and LLC follows. */
export const ETHER_TYPE_MIN = 0x0600

export function stepEthernet(frame: DataView, at: number, end: number): number {
  if (end - at < HEADER_BYTES) return -cut
  return step(HEADER_BYTES, frame.getUint16(at + 12))
}

/** LLC: only SNAP with an EtherType goes on; spanning tree, IS-IS and the like are not IP. */
export function stepLlc(frame: DataView, at: number, end: number): number {
  if (end - at < SNAP_BYTES) return -notIp
  if (frame.getUint32(at) !== SNAP_START || frame.getUint16(at + 4) !== 0) return -notIp
  const etherType = frame.getUint16(at + 6)
  return etherType < ETHER_TYPE_MIN ? -notIp : step(SNAP_BYTES, etherType)
}
