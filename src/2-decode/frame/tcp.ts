// Hot path. TCP header (RFC 9293, 3.1).

import type { Sample } from '#2-decode/sample.ts'
import { decodePorts } from './udp.ts'

const HEADER_BYTES = 20
const FLAGS_AT = 13

/** Ports when four bytes are there, flags when fourteen are. Options are not needed, so their absence is no cut. */
export function decodeTcp(frame: DataView, at: number, limit: number, sample: Sample): void {
  decodePorts(frame, at, limit, HEADER_BYTES, sample)
  if (limit - at > FLAGS_AT) sample.tcpFlags = frame.getUint8(at + FLAGS_AT)
}
