// Which of many spans of addresses holds an address: the smallest one, in a binary search, IPv4 and IPv6. For control paths.
//
// The spans are cut into pieces that do not overlap, each with its answer, so a look-up costs the same whether the
// spans are prefixes of two lengths or of all. First addresses lie in typed arrays: comparing big integers would cost
// several times as much.

import { assert } from '#lib/assert.ts'
import { type Address, bitsOf } from './address.ts'
import { bySpan, type Span } from './span.ts'

/** A span in a table, and the smallest one around it. */
export interface HeldSpan<Value> extends Span {
  readonly value: Value
  readonly wider: HeldSpan<Value> | undefined
}

/** From `first` on the answer is `held`, until the next piece begins. */
interface Piece<Value> {
  readonly first: bigint
  readonly held: HeldSpan<Value> | undefined
}

const WORDS = 4

export class SpanTable<Value> {
  readonly #firsts4: Uint32Array
  /** Four words for each piece, the most significant first. */
  readonly #firsts6: Uint32Array
  readonly #held: Record<4 | 6, readonly (HeldSpan<Value> | undefined)[]>
  /** The IPv6 address that is asked about: its lower and its upper half, and both as words. */
  readonly #asked = new BigUint64Array(2)
  readonly #words = new Uint32Array(this.#asked.buffer)

  /** Two spans lie apart or one within the other, as prefixes always do. Of equal spans the first keeps its place. */
  constructor(entries: Iterable<readonly [Span, Value]>) {
    const sorted = [...entries].sort(([a], [b]) => bySpan(a, b))
    const pieces4 = piecesOf(sorted.filter(([{ family }]) => family === 4))
    const pieces6 = piecesOf(sorted.filter(([{ family }]) => family === 6))
    this.#firsts4 = Uint32Array.from(pieces4, ({ first }) => Number(first))
    this.#firsts6 = Uint32Array.from(pieces6.flatMap(({ first }) => wordsOf(first)))
    this.#held = { 4: pieces4.map(({ held }) => held), 6: pieces6.map(({ held }) => held) }
  }

  /** The smallest span that holds the address; `wider` leads to the others. */
  find({ family, value }: Address): HeldSpan<Value> | undefined {
    const piece = family === 4 ? this.#piece4(Number(value)) : this.#piece6(value)
    return piece < 0 ? undefined : this.#held[family][piece]
  }

  /** Number of the last piece that does not begin behind the address, -1 when all do. */
  #piece4(asked: number): number {
    const firsts = this.#firsts4
    let low = 0
    let high = firsts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (firsts[middle]! > asked) high = middle
      else low = middle + 1
    }
    return low - 1
  }

  #piece6(value: bigint): number {
    this.#asked[0] = value
    this.#asked[1] = value >> 64n
    // The halves lie in memory with their lowest word first.
    const words = this.#words
    const d = words[0]!
    const c = words[1]!
    const b = words[2]!
    const a = words[3]!
    const firsts = this.#firsts6
    let low = 0
    let high = firsts.length / WORDS
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBehind(firsts, middle * WORDS, a, b, c, d)) high = middle
      else low = middle + 1
    }
    return low - 1
  }
}

/** Whether the four words from `at` on are above `a`, `b`, `c`, `d`. */
function isBehind(words: Uint32Array, at: number, a: number, b: number, c: number, d: number): boolean {
  if (words[at] !== a) return words[at]! > a
  if (words[at + 1] !== b) return words[at + 1]! > b
  return words[at + 2] === c ? words[at + 3]! > d : words[at + 2]! > c
}

const wordsOf = (value: bigint): number[] =>
  [96n, 64n, 32n, 0n].map(shift => Number((value >> shift) & 0xffff_ffffn))

/** The answers of one family in the order of their addresses. `sorted` is in the order of `bySpan`. */
function piecesOf<Value>(sorted: readonly (readonly [Span, Value])[]): Piece<Value>[] {
  const pieces: Piece<Value>[] = []
  const add = (first: bigint, held: HeldSpan<Value> | undefined) => {
    if (pieces.at(-1)?.first === first) pieces.pop()
    pieces.push({ first, held })
  }
  /** The span that is open where the walk has come to; those around it are its `wider` ones. */
  let open: HeldSpan<Value> | undefined
  const closeBefore = (first: bigint | undefined) => {
    while (open !== undefined && (first === undefined || open.last < first)) {
      const { last, wider } = open
      open = wider
      add(last + 1n, open)
    }
  }
  for (const [span, value] of sorted) {
    closeBefore(span.first)
    if (open !== undefined && bySpan(open, span) === 0) continue
    assert(open === undefined || span.last <= open.last, 'spans lie apart or one within the other')
    open = { ...span, value, wider: open }
    add(span.first, open)
  }
  closeBefore(undefined)
  // Behind the last address of all there is nothing to find.
  return pieces.filter(({ first }) => first >> BigInt(bitsOf(sorted[0]?.[0].family ?? 4)) === 0n)
}
