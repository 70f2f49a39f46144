// Which of many spans of addresses holds an address: the smallest one, in a binary search, IPv4 and IPv6. For control paths.
//
// The spans are cut into pieces that do not overlap, each with its answer, so a look-up costs the same whether the
// spans are prefixes of two lengths or of all. First addresses lie in typed arrays: comparing big integers would cost
// several times as much.

import { assert } from '#lib/assert.ts'
import { type Address, bitsOf } from './address.ts'
import { bySpan, freeBitsOf, type Span } from './span.ts'

/** From `first` on the smallest span is that of this number, until the next piece begins. */
interface Piece {
  readonly first: bigint
  readonly span: number
}

const WORDS = 4
/** Every so many-th piece stands in a list of its own, which is small enough to stay in a near cache. */
const STRIDE = 16

/** Stands for the free bits of a span that is no prefix. */
const NO_PREFIX = -1
/** Stands for the number of a span where there is none. */
const NONE = -1

export class SpanTable<Value> {
  readonly #firsts4: Uint32Array
  readonly #marks4: Uint32Array
  /** Four words for each piece, the most significant first. */
  readonly #firsts6: Uint32Array
  readonly #marks6: Uint32Array
  /** By piece: number of the smallest span around it, or `NONE`. */
  readonly #spanAt: Record<4 | 6, Int32Array>
  /** By span: number of the next wider one around it, or `NONE`. */
  readonly #wider: Int32Array
  /** By span: how many of the last bits are free in a prefix, or `NO_PREFIX`. */
  readonly #freeBits: Int16Array
  readonly #lasts: readonly bigint[]
  readonly #values: readonly Value[]
  /** The IPv6 address that is asked about: its lower and its upper half, and both as words. */
  readonly #asked = new BigUint64Array(2)
  readonly #words = new Uint32Array(this.#asked.buffer)

  /** Two spans lie apart or one within the other, as prefixes always do. Of equal spans the first keeps its place. */
  constructor(entries: Iterable<readonly [Span, Value]>) {
    const sorted = [...entries].sort(([a], [b]) => bySpan(a, b))
    const spans = sorted.map(([span]) => span)
    const { wider, pieces } = cut(spans)
    const isMark = (_: unknown, at: number) => at % STRIDE === 0
    this.#firsts4 = Uint32Array.from(pieces[4], ({ first }) => Number(first))
    this.#marks4 = this.#firsts4.filter(isMark)
    this.#firsts6 = Uint32Array.from(pieces[6].flatMap(({ first }) => wordsOf(first)))
    this.#marks6 = Uint32Array.from(pieces[6].filter(isMark).flatMap(({ first }) => wordsOf(first)))
    this.#spanAt = {
      4: Int32Array.from(pieces[4], ({ span }) => span),
      6: Int32Array.from(pieces[6], ({ span }) => span),
    }
    this.#wider = wider
    this.#freeBits = Int16Array.from(spans, span => freeBitsOf(span) ?? NO_PREFIX)
    this.#lasts = spans.map(({ last }) => last)
    this.#values = sorted.map(([, value]) => value)
  }

  /** The value of the smallest span that holds the address and, with `freeBits`, all of the prefix that begins there. */
  find(address: Address, freeBits = 0): Value | undefined {
    const piece = this.#pieceOf(address)
    if (piece < 0) return undefined
    let span = this.#spanAt[address.family][piece]!
    if (freeBits > 0)
      while (span !== NONE && !this.#reaches(span, address, freeBits)) span = this.#wider[span]!
    return span === NONE ? undefined : this.#values[span]
  }

  /** Whether a span that holds the address holds all of the prefix that begins there. */
  #reaches(span: number, { value }: Address, freeBits: number): boolean {
    const own = this.#freeBits[span]!
    if (own !== NO_PREFIX) return own >= freeBits
    return value + (1n << BigInt(freeBits)) - 1n <= (this.#lasts[span] ?? 0n)
  }

  /** Number of the last piece that does not begin behind the address, -1 when all do. */
  #pieceOf({ family, value }: Address): number {
    if (family === 4) {
      const asked = Number(value)
      const mark = lastUpTo(this.#marks4, 0, this.#marks4.length, asked)
      if (mark < 0) return -1
      const begin = mark * STRIDE
      return lastUpTo(this.#firsts4, begin, Math.min(begin + STRIDE, this.#firsts4.length), asked)
    }
    this.#asked[0] = value
    this.#asked[1] = value >> 64n
    const marks = this.#marks6
    const mark = lastUpTo6(marks, 0, marks.length / WORDS, this.#words)
    if (mark < 0) return -1
    const begin = mark * STRIDE
    const end = Math.min(begin + STRIDE, this.#firsts6.length / WORDS)
    return lastUpTo6(this.#firsts6, begin, end, this.#words)
  }
}

/** The last of `firsts` between `begin` and `end` that is not above `asked`; `begin - 1` when all are. */
function lastUpTo(firsts: Uint32Array, begin: number, end: number, asked: number): number {
  let low = begin
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (firsts[middle]! > asked) high = middle
    else low = middle + 1
  }
  return low - 1
}

/** The same for IPv6. The words of what is asked lie in memory with the lowest first. */
function lastUpTo6(firsts: Uint32Array, begin: number, end: number, asked: Uint32Array): number {
  const a = asked[3]!
  const b = asked[2]!
  const c = asked[1]!
  const d = asked[0]!
  let low = begin
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBehind(firsts, middle * WORDS, a, b, c, d)) high = middle
    else low = middle + 1
  }
  return low - 1
}

/** Whether the four words from `at` on are above `a`, `b`, `c`, `d`. */
function isBehind(words: Uint32Array, at: number, a: number, b: number, c: number, d: number): boolean {
  if (words[at] !== a) return words[at]! > a
  if (words[at + 1] !== b) return words[at + 1]! > b
  return words[at + 2] === c ? words[at + 3]! > d : words[at + 2]! > c
}

const wordsOf = (value: bigint): number[] =>
  [96n, 64n, 32n, 0n].map(shift => Number((value >> shift) & 0xffff_ffffn))

interface Cut {
  /** By span: number of the next wider one around it. */
  readonly wider: Int32Array
  readonly pieces: Readonly<Record<4 | 6, readonly Piece[]>>
}

/** Cuts spans, which are in the order of `bySpan`, into pieces in the order of their addresses. */
function cut(spans: readonly Span[]): Cut {
  const wider = new Int32Array(spans.length).fill(NONE)
  const pieces: Record<4 | 6, Piece[]> = { 4: [], 6: [] }
  const add = (family: 4 | 6, first: bigint, span: number) => {
    // Behind the last address of all there is nothing to find.
    if (first >> BigInt(bitsOf(family)) !== 0n) return
    if (pieces[family].at(-1)?.first === first) pieces[family].pop()
    pieces[family].push({ first, span })
  }
  /** The span that is open where the walk has come to; those around it are the wider ones. */
  let open = NONE
  const closeBefore = (next: Span | undefined) => {
    for (let at = spans[open]; at !== undefined; at = spans[open]) {
      if (next !== undefined && next.family === at.family && next.first <= at.last) return
      open = wider[open]!
      add(at.family, at.last + 1n, open)
    }
  }
  for (const [number, span] of spans.entries()) {
    closeBefore(span)
    const around = spans[open]
    if (around !== undefined && bySpan(around, span) === 0) continue
    assert(around === undefined || span.last <= around.last, 'spans lie apart or one within the other')
    wider[number] = open
    open = number
    add(span.family, span.first, number)
  }
  closeBefore(undefined)
  return { wider, pieces }
}
