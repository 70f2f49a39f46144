// Whose address is it, for samples: our networks as ranges in order, found by halving.

import { Ipv6Filter } from '#3-traffic/network-table.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

export class CalmNetworks {
  /** First and last addresses of IPv4 ranges that do not touch, rising. */
  readonly #firsts: Uint32Array
  readonly #lasts: Uint32Array
  readonly #v6: Ipv6Filter

  constructor(networks: readonly Prefix[]) {
    const ranges: { first: number; last: number }[] = []
    const v4 = networks.filter(({ family }) => family === 4)
    for (const { value, length } of v4.toSorted((a, b) => Number(a.value - b.value) || a.length - b.length)) {
      const first = Number(value)
      const last = first + 2 ** (32 - length) - 1
      const before = ranges.at(-1)
      if (before !== undefined && first <= before.last) before.last = Math.max(before.last, last)
      else ranges.push({ first, last })
    }
    this.#firsts = Uint32Array.from(ranges, ({ first }) => first)
    this.#lasts = Uint32Array.from(ranges, ({ last }) => last)
    this.#v6 = new Ipv6Filter(networks)
  }

  /** Words are those of a sample: of the wire, little-endian. */
  holds(family: number, a: number, b: number, c: number, d: number): boolean {
    if (family === 6) return this.#v6.holds(a, b, c, d)
    const value = ((a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24)) >>> 0
    let low = 0
    let high = this.#firsts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#firsts[middle]! > value) high = middle
      else low = middle + 1
    }
    return low > 0 && value <= this.#lasts[low - 1]!
  }
}
