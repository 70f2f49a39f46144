// A map by text that grows without standing still: many small tables instead of a large one.
//
// A table that is full is copied into one of twice the size. For one of thousands of entries that takes milliseconds, and
// tables that hold an entry for each attack are all full at the same moment. Here each table gets another share of the
// entries, the largest twice that of the smallest, so that at no moment many of them are full.

import { assert } from '#lib/assert.ts'

const TABLES = 64
const SHARES = 1024
/** Which table has a share: there are twice as many of the last table as of the first, and in between in proportion. */
const TABLE_OF = Uint8Array.from({ length: SHARES }, (_, share) =>
  Math.floor(TABLES * Math.log2(1 + share / SHARES)),
)
/** From so many entries on: an empty table takes memory, too. */
const SPLIT_AT = 512
/** What tells keys apart stands at their end: numbers, the last octets of an address. */
const TAIL = 10

/** Iterates in the order of insertion as long as it is small, then in no order. */
export class SteadyMap<V> {
  #tables: Map<string, V>[] = [new Map()]
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    return this.#tableOf(key).get(key)
  }

  has(key: string): boolean {
    return this.#tableOf(key).has(key)
  }

  set(key: string, value: V): this {
    const table = this.#tableOf(key)
    const before = table.size
    table.set(key, value)
    this.#size += table.size - before
    if (this.#size > SPLIT_AT && this.#tables.length === 1) this.#split()
    return this
  }

  delete(key: string): boolean {
    const isGone = this.#tableOf(key).delete(key)
    if (isGone) this.#size--
    return isGone
  }

  clear(): void {
    this.#tables = [new Map()]
    this.#size = 0
  }

  /** Of the keys that share a table with this one the first that came: of a small map the first of all. */
  oldestBeside(key: string): string | undefined {
    return this.#tableOf(key).keys().next().value
  }

  *keys(): Generator<string, undefined> {
    for (const table of this.#tables) yield* table.keys()
  }

  *values(): Generator<V, undefined> {
    for (const table of this.#tables) yield* table.values()
  }

  *[Symbol.iterator](): Generator<[string, V], undefined> {
    for (const table of this.#tables) yield* table
  }

  #tableOf(key: string): Map<string, V> {
    const table = this.#tables[this.#tables.length === 1 ? 0 : placeOf(key)]
    assert(table !== undefined, 'each key has a table')
    return table
  }

  #split(): void {
    const [all] = this.#tables
    this.#tables = Array.from({ length: TABLES }, () => new Map<string, V>())
    for (const [key, value] of all ?? []) this.#tableOf(key).set(key, value)
  }
}

function placeOf(key: string): number {
  let hash = 0
  for (let at = Math.max(0, key.length - TAIL); at < key.length; at++)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x9e3779b1)
  return TABLE_OF[(hash ^ (hash >>> 15)) & (SHARES - 1)] ?? 0
}
