// Hot path. Hashes of IPv6 addresses, whose four words are those of the wire (little-endian).
//
// A packet of IPv6 asks for two. Its words are mixed in two pairs that know nothing of each other, so the processor works on both at
// once: it waits for three multiplications, where a chain would have it wait for five. Seeds keep strangers from choosing
// addresses that collide.

/** An address in one word: enough for a flow's hash, which mixes it further. `other` is the second seed (`otherSeed`). */
export const foldAddress = (
  a: number,
  b: number,
  c: number,
  d: number,
  seed: number,
  other: number,
): number => {
  let p = Math.imul(a ^ seed, 0x9e3779b1)
  let q = Math.imul(c ^ other, 0xc2b2ae35)
  p = Math.imul(p ^ (p >>> 15) ^ b, 0x85ebca6b)
  q = Math.imul(q ^ (q >>> 13) ^ d, 0x27d4eb2f)
  return ((p ^ (p >>> 16)) + q) | 0
}

/**
 * A folded address for tables, which take its lowest bits. Shifts are those that lose least of addresses numbered in order, in any
 * two bytes (see the test): neighbours differ in the highest bits of a word alone.
 */
export const mixFolded = (folded: number): number => {
  const h = Math.imul(folded ^ (folded >>> 17), 0x9e3779b1)
  return h ^ (h >>> 15)
}

/** The seed of the second pair. */
export const otherSeed = (seed: number): number => mixFolded(~seed)

/** Four words in one, well mixed and without a seed: for names of hosts among few. */
export const hash128 = (a: number, b: number, c: number, d: number): number =>
  mixFolded(foldAddress(a, b, c, d, 0, 0))
