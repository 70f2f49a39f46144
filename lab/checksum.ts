// The Internet checksum as a sum that can be kept and completed later (RFC 1071).

/** Sum of the big-endian 16-bit words of a range, added to `sum`; an odd last byte counts as a high byte. */
export function addWords(view: DataView, from: number, to: number, sum = 0): number {
  let total = sum
  let at = from
  for (; at + 1 < to; at += 2) total += view.getUint16(at)
  if (at < to) total += view.getUint8(at) << 8
  return total
}

/** The checksum a sum stands for: its one's complement in 16 bits. Sums up to 2^32 are folded completely. */
export function checksumOf(sum: number): number {
  const once = (sum >>> 16) + (sum & 0xffff)
  return ~((once >>> 16) + once) & 0xffff
}

/** A UDP checksum: zero would mean that there is none, so its other form is sent (RFC 768). */
export function udpChecksumOf(sum: number): number {
  return checksumOf(sum) || 0xffff
}
