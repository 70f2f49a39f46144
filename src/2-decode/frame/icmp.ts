// Hot path. ICMP (RFC 792) and ICMPv6 (RFC 4443, 2.1): type, code and checksum are the same in both.

import type { Sample } from '#2-decode/sample.ts'

const HEADER_BYTES = 4

export function decodeIcmp(frame: DataView, at: number, limit: number, sample: Sample): void {
  const bytes = limit - at
  if (bytes < HEADER_BYTES) sample.isCut = 1
  if (bytes < 1) return
  sample.icmpType = frame.getUint8(at)
  if (bytes > 1) sample.icmpCode = frame.getUint8(at + 1)
}
