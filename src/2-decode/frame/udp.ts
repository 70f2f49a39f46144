// Hot path. UDP (RFC 768) and every other header that begins with a source and a target port.

import type { Sample } from '#2-decode/sample.ts'

const PORTS_BYTES = 4

/** Ports when four bytes are there; the header is cut when less than `headerBytes` are. */
export function decodePorts(
  frame: DataView,
  at: number,
  limit: number,
  headerBytes: number,
  sample: Sample,
): void {
  const bytes = limit - at
  if (bytes < headerBytes) sample.isCut = 1
  if (bytes < PORTS_BYTES) return
  sample.sourcePort = frame.getUint16(at)
  sample.targetPort = frame.getUint16(at + 2)
}
