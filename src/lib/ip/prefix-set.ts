// A set of prefixes that answers whether another prefix lies inside, around or beside its members. For control paths.

import { bitsOf } from './address.ts'
import { type Prefix, prefixOf } from './prefix.ts'

export class PrefixSet {
  /** First addresses of the members, by family and length. */
  readonly #members = { 4: new Map<number, Set<bigint>>(), 6: new Map<number, Set<bigint>>() }
  /** Lengths of the members of a family, longest first. */
  readonly #lengths: { 4: number[]; 6: number[] } = { 4: [], 6: [] }
  /** First addresses of a family in order, made when first asked for. */
  #sorted: { 4: readonly bigint[]; 6: readonly bigint[] } | undefined

  constructor(prefixes: Iterable<Prefix> = []) {
    for (const prefix of prefixes) this.add(prefix)
  }

  add(prefix: Prefix): void {
    const byLength = this.#members[prefix.family]
    const values = byLength.get(prefix.length) ?? new Set()
    if (values.size === 0)
      this.#lengths[prefix.family] = [...byLength.keys(), prefix.length].sort((a, b) => b - a)
    byLength.set(prefix.length, values.add(prefix.value))
    this.#sorted = undefined
  }

  has(prefix: Prefix): boolean {
    return this.#members[prefix.family].get(prefix.length)?.has(prefix.value) ?? false
  }

  /** The longest member that holds all of `prefix` (which may be `prefix` itself), at most `lengthMax` bits long. */
  covering(prefix: Prefix, lengthMax: number = prefix.length): Prefix | undefined {
    for (const length of this.#lengths[prefix.family]) {
      if (length > Math.min(prefix.length, lengthMax)) continue
      const candidate = prefixOf(prefix, length)
      if (this.has(candidate)) return candidate
    }
    return undefined
  }

  /** Whether some address belongs to `prefix` and to a member. */
  overlaps(prefix: Prefix): boolean {
    return this.overlapping(prefix) !== undefined
  }

  /** A member that shares an address with `prefix`: the longest around it, else the first within it. */
  overlapping(prefix: Prefix): Prefix | undefined {
    return this.covering(prefix) ?? this.#firstWithin(prefix)
  }

  /** How many members there are. */
  get size(): number {
    const sets = [...this.#members[4].values(), ...this.#members[6].values()]
    return sets.reduce((sum, values) => sum + values.size, 0)
  }

  /** Addresses of a family that belong to at least one member. */
  countAddresses(family: 4 | 6): bigint {
    let count = 0n
    for (const prefix of this.#prefixes(family)) {
      if (this.covering(prefix, prefix.length - 1) === undefined)
        count += 1n << BigInt(bitsOf(family) - prefix.length)
    }
    return count
  }

  *#prefixes(family: 4 | 6): Iterable<Prefix> {
    for (const [length, values] of this.#members[family]) {
      for (const value of values) yield { family, value, length }
    }
  }

  /** The member whose first address is the lowest of those within `prefix`; the widest if several begin there. */
  #firstWithin({ family, value, length }: Prefix): Prefix | undefined {
    this.#sorted ??= { 4: this.#starts(4), 6: this.#starts(6) }
    const starts = this.#sorted[family]
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0n) < value) low = middle + 1
      else high = middle
    }
    const next = starts[low]
    const span = 1n << BigInt(bitsOf(family) - length)
    if (next === undefined || next >= value + span) return undefined
    const widest = this.#lengths[family].findLast(candidate =>
      this.#members[family].get(candidate)?.has(next),
    )
    return widest === undefined ? undefined : { family, value: next, length: widest }
  }

  #starts(family: 4 | 6): bigint[] {
    const starts = [...this.#members[family].values()].flatMap(values => [...values])
    return starts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }
}
