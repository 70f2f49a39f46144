// Whose address is it: the longest of our prefixes that holds an address, exact for every length, IPv4 and IPv6.
//
// Three readers with one answer. `longest` answers on the control path. For the hot path IPv4 prefixes are spread over
// two levels (first two octets, third octet) with a bit map per /24 that is ours only in part, and IPv6 prefixes over a
// filter of their first 32 bits that turns most foreign addresses away with one load.

import { type Address, bitsOf } from '#lib/ip/address.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'
import { spanOf } from '#lib/ip/span.ts'
import { SpanTable } from '#lib/ip/span-table.ts'

/** Prefixes with a value each; the longest that holds an address wins. */
export class NetworkTable<Value> {
  readonly #spans: SpanTable<{ readonly prefix: Prefix; readonly value: Value }>

  /** Of equal prefixes the first keeps its place. */
  constructor(entries: Iterable<readonly [Prefix, Value]>) {
    this.#spans = new SpanTable(
      Array.from(entries, ([prefix, value]) => [spanOf(prefix), { prefix, value }] as const),
    )
  }

  /** The longest that holds the address; with `below` the longest of those that are shorter than that. */
  longest(
    address: Address,
    below = Number.POSITIVE_INFINITY,
  ): { readonly prefix: Prefix; readonly value: Value } | undefined {
    return this.#spans.find(address, Math.max(0, bitsOf(address.family) - below + 1))
  }
}

/** Values in the second level below a page's first slot. */
export const NOT_OURS = 0
export const OURS = 1
/** Chunk of the second level for a /16 that is ours as a whole and has no page yet; all its entries say `OURS`. */
export const WHOLE_CHUNK = 1

const OCTETS = 256

/** IPv4 prefixes for the hot path. Indexes are bytes of the wire: `ip` is the address read as a little-endian word. */
export class Ipv4Levels {
  /** By first and second octet (`ip & 0xffff`): chunk of the second level, 0 for none of it ours. */
  readonly first = new Int32Array(65_536)
  /** A bit for each place of `first` that is not 0: small enough to stay in the nearest cache, whoever sends. */
  readonly some = new Int32Array(65_536 / 32)
  /** By chunk x 256 + third octet: `NOT_OURS`, `OURS`, first slot of its page, or -(index of a partial /24). */
  readonly second = new Int32Array((65_536 + 2) * OCTETS)
  /** Bit maps of partial /24s (8 words each), and the first slot of their page or 0. */
  partialBits = new Int32Array(0)
  partialPages = new Int32Array(0)
  #chunks = WHOLE_CHUNK + 1
  #partials = 1

  constructor(prefixes: readonly Prefix[]) {
    this.second.fill(OURS, WHOLE_CHUNK * OCTETS, (WHOLE_CHUNK + 1) * OCTETS)
    this.#write(prefixes)
  }

  /** Other prefixes in the same memory, which the hot path holds; no page is known any more. */
  rewrite(prefixes: readonly Prefix[]): void {
    this.first.fill(0)
    this.some.fill(0)
    this.second.fill(NOT_OURS, (WHOLE_CHUNK + 1) * OCTETS, this.#chunks * OCTETS)
    this.#chunks = WHOLE_CHUNK + 1
    this.#partials = 1
    this.#write(prefixes)
  }

  #write(prefixes: readonly Prefix[]): void {
    const v4 = prefixes.filter(prefix => prefix.family === 4)
    const partial = v4.filter(prefix => prefix.length > 24).length + 1
    this.partialBits = new Int32Array(partial * 8)
    this.partialPages = new Int32Array(partial)
    for (const prefix of v4.toSorted((a, b) => a.length - b.length)) this.#add(prefix)
  }

  #add(prefix: Prefix): void {
    const value = Number(prefix.value)
    if (prefix.length > 24) {
      this.#addPartial(value, prefix.length)
      return
    }
    if (prefix.length > 16) {
      const third = (value >>> 8) & 255
      const at = this.chunkOf(firstIndex(value)) * OCTETS
      for (let i = 0; i < 2 ** (24 - prefix.length); i++) this.second[at + third + i] = OURS
      return
    }
    for (let i = 0; i < 2 ** (16 - prefix.length); i++) {
      this.#setFirst(firstIndex((value + i * 65_536) >>> 0), WHOLE_CHUNK)
    }
  }

  #addPartial(value: number, length: number): void {
    const at = this.chunkOf(firstIndex(value)) * OCTETS + ((value >>> 8) & 255)
    const entry = this.second[at]!
    if (entry === OURS) return
    const partial = entry < 0 ? -entry : this.#partials++
    this.second[at] = -partial
    const low = value & 255
    for (let i = low; i < low + 2 ** (32 - length); i++)
      this.partialBits[partial * 8 + (i >> 5)]! |= 1 << (i & 31)
  }

  /** A chunk of its own for a /16: made when it has none yet or is marked as ours as a whole. */
  chunkOf(index: number): number {
    const chunk = this.first[index]!
    if (chunk > WHOLE_CHUNK) return chunk
    const fresh = this.#chunks++
    if (chunk === WHOLE_CHUNK) this.second.fill(OURS, fresh * OCTETS, (fresh + 1) * OCTETS)
    this.#setFirst(index, fresh)
    return fresh
  }

  #setFirst(index: number, chunk: number): void {
    this.first[index] = chunk
    this.some[index >>> 5]! |= 1 << (index & 31)
  }

  isPartlyOurs(partial: number, lastOctet: number): boolean {
    return ((this.partialBits[partial * 8 + (lastOctet >> 5)]! >>> (lastOctet & 31)) & 1) === 1
  }
}

/** The first two octets of a big-endian value, as the wire's little-endian index. */
const firstIndex = (value: number): number => (value >>> 24) | ((value >>> 8) & 0xff00)

/** A little-endian word of the wire as the number it stands for, and back. */
export const swap32 = (word: number): number =>
  ((word & 255) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)

/** One of our IPv6 prefixes as the hot path compares it. */
export interface Ipv6Member {
  readonly length: number
  /** First address as big-endian words, by which the members are ordered. */
  readonly begins: readonly number[]
  /** First address and mask as words of the wire. */
  readonly words: readonly number[]
  readonly masks: readonly number[]
}

/** IPv6 prefixes for the hot path: a filter over the first 32 bits, then an exact test. */
export class Ipv6Filter {
  /** By a mix of the first word: 0 means no prefix of ours can begin so. */
  readonly first = new Uint8Array(65_536)
  /** Those that no other one covers, by rising address: a stranger's packet costs a binary search, however many there are. */
  members: readonly Ipv6Member[] = []

  constructor(prefixes: readonly Prefix[]) {
    this.rewrite(prefixes)
  }

  /** Other prefixes in the same memory, which the hot path holds. */
  rewrite(prefixes: readonly Prefix[]): void {
    this.first.fill(0)
    const members = outermost(prefixes.filter(prefix => prefix.family === 6))
    for (const member of members) this.#pass(member)
    this.members = members.map(({ value, length }) => {
      const words = wireWords(value)
      return { length, begins: words.map(word => swap32(word) >>> 0), words, masks: maskWords(length) }
    })
  }

  #pass(prefix: Prefix): void {
    const high = Number(prefix.value >> 96n)
    const free = Math.max(0, 32 - prefix.length)
    if (free > 12) this.first.fill(1)
    else for (let i = 0; i < 2 ** free; i++) this.first[filterIndex(swap32((high + i) | 0))] = 1
  }

  holds(a: number, b: number, c: number, d: number): boolean {
    return this.memberOf(a, b, c, d) >= 0
  }

  /** Number of the prefix that holds an address, -1 when none does. Words are those of the wire, little-endian. */
  memberOf(a: number, b: number, c: number, d: number): number {
    let low = 0
    let high = this.members.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isAfter(this.members[middle]!.begins, a, b, c, d)) high = middle
      else low = middle + 1
    }
    if (low === 0) return -1
    const { words, masks } = this.members[low - 1]!
    const isHeld =
      (a & masks[0]!) === words[0] &&
      (b & masks[1]!) === words[1] &&
      (c & masks[2]!) === words[2] &&
      (d & masks[3]!) === words[3]
    return isHeld ? low - 1 : -1
  }
}

/** Without those that lie within another one, by rising first address. */
function outermost(prefixes: readonly Prefix[]): Prefix[] {
  const kept: Prefix[] = []
  for (const prefix of prefixes.toSorted(byAddress)) {
    const last = kept.at(-1)
    if (last === undefined || !contains(last, prefix)) kept.push(prefix)
  }
  return kept
}

const byAddress = (a: Prefix, b: Prefix): number =>
  a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length

/** Whether a prefix begins behind the address. */
function isAfter(begins: readonly number[], a: number, b: number, c: number, d: number): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0] = begins
  const high = swap32(a) >>> 0
  if (first !== high) return first > high
  const next = swap32(b) >>> 0
  if (second !== next) return second > next
  const low = swap32(c) >>> 0
  return third === low ? fourth > swap32(d) >>> 0 : third > low
}

/** Index into the filter for the first little-endian word of an address. */
export const filterIndex = (word: number): number => (word ^ (word >>> 16)) & 0xffff

/** An IPv6 value as the four little-endian words of the wire. */
export function wireWords(value: bigint): [number, number, number, number] {
  const word = (shift: bigint) => swap32(Number((value >> shift) & 0xffff_ffffn) | 0)
  return [word(96n), word(64n), word(32n), word(0n)]
}

/** The four words of the wire as an address. */
export function addressOfWords(a: number, b: number, c: number, d: number): Address {
  const part = (word: number) => BigInt(swap32(word) >>> 0)
  return { family: 6, value: (part(a) << 96n) | (part(b) << 64n) | (part(c) << 32n) | part(d) }
}

/** One little-endian word of the wire as an IPv4 address. */
export const addressOfWord = (word: number): Address => ({ family: 4, value: BigInt(swap32(word) >>> 0) })

function maskWords(length: number): number[] {
  const all = (1n << 128n) - 1n
  return wireWords((all << BigInt(128 - length)) & all)
}
