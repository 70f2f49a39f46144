// Rates as IEEE floats of 32 bits, which hold whole numbers only up to 16,777,216.

/** The largest float of 32 bits that is not above the rate: a limit must never let more pass than was asked for. */
export function floatBelow(rate: number): number {
  const nearest = Math.fround(rate)
  if (nearest <= rate) return nearest
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, nearest)
  // Positive floats are in the order of their bits, so the next one down is one less; it is also below infinity.
  view.setUint32(0, view.getUint32(0) - 1)
  return view.getFloat32(0)
}

/** Big-endian octets of `floatBelow`. */
export function floatBytes(rate: number): number[] {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, floatBelow(rate))
  return [...bytes]
}

export const floatOf = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0)
