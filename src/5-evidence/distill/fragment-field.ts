// Finds the offset and the more-fragments bit of an IPv6 packet (RFC 8200, section 4.5): a sample keeps the offset only.

const [FRAGMENT, AUTHENTICATION] = [44, 51] as const
/** Hop-by-hop, routing, destination, mobility, HIP, shim6: their length counts eight bytes beyond the first eight. */
const BY_EIGHTS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140])
const HEADERS_MAX = 16
const HEADER_BYTES = 40

/** The 16 bits of the fragment header (offset in the upper 13, bit 0: more follow); `undefined` where none is found before `end`. */
export function fragmentField6(frame: DataView, ipOffset: number, end: number): number | undefined {
  let next = frame.getUint8(ipOffset + 6)
  let at = ipOffset + HEADER_BYTES
  for (let headers = 0; headers < HEADERS_MAX && end - at >= 4; headers++) {
    if (next === FRAGMENT) return frame.getUint16(at + 2)
    const bytes = bytesOf(next, frame.getUint8(at + 1))
    if (bytes === undefined) return undefined
    next = frame.getUint8(at)
    at += bytes
  }
  return undefined
}

/** Bytes of an extension header whose length field says `length`; `undefined` for what is none that can stand before a fragment's. */
function bytesOf(header: number, length: number): number | undefined {
  if (header === AUTHENTICATION) return (length + 2) << 2
  return BY_EIGHTS.has(header) ? (length + 1) << 3 : undefined
}
