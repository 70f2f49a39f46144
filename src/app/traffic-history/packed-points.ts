// Points of many hosts over time, packed. Time is cut into pieces, and a piece has room for those hosts alone of which something
// is known in it, all in one array: arrays for each host would be thousands of objects that the collector has to follow.

import { COLUMNS } from '../engine-worker/columns.ts'
import { pack, UNKNOWN, unpack } from './packed.ts'
import type { Points } from './points.ts'

export interface PackedPointsOptions {
  /** Hosts have numbers below it. */
  readonly hostsMax: number
  readonly stepsAPiece: number
  /** Of so many pieces something is known at most; beyond it the oldest goes. */
  readonly piecesMax: number
}

interface Piece {
  /** Of time: its steps, divided by how many a piece has. */
  readonly number: number
  /** By host: 1 + its row; 0 for none. */
  readonly rows: Uint16Array
  /** Rows that were given out, and those of them that came back. */
  count: number
  readonly free: number[]
  /**
   * By row and step. What is kept is UNKNOWN less the packed number: memory comes as zeros, so that nothing is known of a step
   * as long as nothing was said, and memory of which nothing was said is not touched.
   */
  numbers: Uint16Array
}

/** Rows of a piece at first. */
const ROWS_MIN = 16

export class PackedPoints {
  readonly #options: PackedPointsOptions
  /** Numbers of a row. */
  readonly #width: number
  /** Who came first in front. */
  #pieces: Piece[] = []
  /** Where the last look ended: the next one most often wants the same. */
  #last: Piece | undefined

  constructor(options: PackedPointsOptions) {
    this.#options = options
    this.#width = options.stepsAPiece * COLUMNS
  }

  /** Takes COLUMNS numbers of `from`, which begin at `at`. */
  put(host: number, step: number, from: Float32Array, at: number): void {
    const number = this.#numberOf(step)
    const piece = this.#find(number) ?? this.#begin(number)
    const place = this.#rowOf(piece, host) * this.#width + (step % this.#options.stepsAPiece) * COLUMNS
    for (let column = 0; column < COLUMNS; column++)
      piece.numbers[place + column] = UNKNOWN - pack(from[at + column]!)
  }

  /** The packed number of a step; UNKNOWN: it is not known. */
  read(host: number, step: number, column: number): number {
    const piece = this.#find(this.#numberOf(step))
    const row = piece?.rows[host] ?? 0
    if (piece === undefined || row === 0) return UNKNOWN
    const place = (row - 1) * this.#width + (step % this.#options.stepsAPiece) * COLUMNS + column
    return UNKNOWN - piece.numbers[place]!
  }

  /** The packed numbers of so many steps; UNKNOWN where nothing is known. */
  numbers(host: number, first: number, count: number): Uint16Array {
    const numbers = new Uint16Array(count * COLUMNS).fill(UNKNOWN)
    for (const { kept, from, to } of this.#parts(host, first, count)) {
      const at = (from - first) * COLUMNS
      for (let place = 0; place < (to - from) * COLUMNS; place++) numbers[at + place] = UNKNOWN - kept[place]!
    }
    return numbers
  }

  /** The highest packed number of a column in so many steps; UNKNOWN: nothing is known. */
  highest(host: number, first: number, count: number, column: number): number {
    // What is kept is the lower the higher a number is, and 0 where there is none.
    let least = 0
    for (const { kept } of this.#parts(host, first, count))
      for (let place = column; place < kept.length; place += COLUMNS)
        if (kept[place] !== 0 && (least === 0 || kept[place]! < least)) least = kept[place]!
    return UNKNOWN - least
  }

  /** Of each piece that knows something of a host what is kept of it from one step until before another. */
  #parts(host: number, first: number, count: number) {
    const { stepsAPiece } = this.#options
    const parts: { readonly from: number; readonly to: number; readonly kept: Uint16Array }[] = []
    for (const { number, rows, numbers } of this.#pieces) {
      const begin = number * stepsAPiece
      const from = Math.max(first, begin)
      const to = Math.min(first + count, begin + stepsAPiece)
      const row = rows[host]! - 1
      if (row < 0 || from >= to) continue
      const place = row * this.#width
      const kept = numbers.subarray(place + (from - begin) * COLUMNS, place + (to - begin) * COLUMNS)
      parts.push({ from, to, kept })
    }
    return parts
  }

  /** Whether anything is known of a host. */
  has(host: number): boolean {
    return this.#pieces.some(({ rows }) => rows[host] !== 0)
  }

  /** Nothing is known of a host any more. */
  forget(host: number): void {
    for (const { rows, numbers, free } of this.#pieces) {
      const row = rows[host]! - 1
      if (row < 0) continue
      rows[host] = 0
      numbers.fill(0, row * this.#width, (row + 1) * this.#width)
      free.push(row)
    }
  }

  /** Lets go of pieces that end before this step. */
  prune(step: number): void {
    const oldest = this.#numberOf(step)
    this.#pieces = this.#pieces.filter(({ number }) => number >= oldest)
    this.#last = undefined
  }

  #numberOf(step: number): number {
    return Math.floor(step / this.#options.stepsAPiece)
  }

  #find(number: number): Piece | undefined {
    if (this.#last?.number !== number) this.#last = this.#pieces.findLast(piece => piece.number === number)
    return this.#last
  }

  /** Most often the same hosts go on, so that it has room for as many as the newest. */
  #begin(number: number): Piece {
    const { hostsMax, piecesMax } = this.#options
    const newest = this.#pieces.at(-1)
    const rows = Math.max(ROWS_MIN, newest === undefined ? 0 : newest.count - newest.free.length)
    const piece: Piece = {
      ...{ number, rows: new Uint16Array(hostsMax), count: 0, free: [] },
      numbers: new Uint16Array(rows * this.#width),
    }
    if (this.#pieces.push(piece) > piecesMax) this.#pieces.shift()
    this.#last = piece
    return piece
  }

  #rowOf(piece: Piece, host: number): number {
    const known = piece.rows[host]!
    if (known !== 0) return known - 1
    const row = piece.free.pop() ?? piece.count++
    if ((row + 1) * this.#width > piece.numbers.length) {
      const more = new Uint16Array(2 * piece.numbers.length)
      more.set(piece.numbers)
      piece.numbers = more
    }
    piece.rows[host] = row + 1
    return row
  }
}

/** A host whose number may be given to another one: `undefined` from then on, and nothing is known of it. */
export interface HostPlace {
  number: number | undefined
}

/** The points of one host. */
export class HostPoints implements Points {
  readonly #points: PackedPoints
  readonly #place: HostPlace

  constructor(points: PackedPoints, place: HostPlace) {
    this.#points = points
    this.#place = place
  }

  put(step: number, from: Float32Array, at: number): void {
    if (this.#place.number !== undefined) this.#points.put(this.#place.number, step, from, at)
  }

  read(step: number, column: number): number {
    const { number } = this.#place
    return number === undefined ? Number.NaN : unpack(this.#points.read(number, step, column))
  }

  numbers(first: number, count: number): Uint16Array {
    const { number } = this.#place
    if (number === undefined) return new Uint16Array(count * COLUMNS).fill(UNKNOWN)
    return this.#points.numbers(number, first, count)
  }

  /** The highest number of a column that is known of so many steps; NaN: none is. */
  highest(first: number, count: number, column: number): number {
    const { number } = this.#place
    return number === undefined ? Number.NaN : unpack(this.#points.highest(number, first, count, column))
  }
}
