// The last hour of a host, each second: in pieces of five minutes that are there only while the host is kept.

import { COLUMNS } from '../engine-worker/columns.ts'
import { pack, UNKNOWN, unpack } from './packed.ts'

const PIECE_SECONDS = 300
/** An hour, and the piece in progress. */
const PIECES = 13

interface Piece {
  /** Five minutes since 1970. */
  readonly number: number
  readonly numbers: Uint16Array
  /** The highest by column; 0 where nothing is known. */
  readonly highest: Uint16Array
}

export class PackedHour {
  readonly #pieces: (Piece | undefined)[] = new Array<Piece | undefined>(PIECES)

  put(second: number, from: Float32Array, at: number): void {
    const { numbers, highest } = this.#pieceOf(Math.floor(second / PIECE_SECONDS))
    const place = (second % PIECE_SECONDS) * COLUMNS
    for (let column = 0; column < COLUMNS; column++) {
      const packed = pack(from[at + column]!)
      numbers[place + column] = packed
      if (packed !== UNKNOWN && packed > highest[column]!) highest[column] = packed
    }
  }

  #pieceOf(number: number): Piece {
    const known = this.#pieces[number % PIECES]
    if (known?.number === number) return known
    const piece = {
      number,
      numbers: new Uint16Array(PIECE_SECONDS * COLUMNS).fill(UNKNOWN),
      highest: new Uint16Array(COLUMNS),
    }
    this.#pieces[number % PIECES] = piece
    return piece
  }

  /** A number of a second since 1970; NaN: not known. */
  read(second: number, column: number): number {
    const number = Math.floor(second / PIECE_SECONDS)
    const piece = this.#pieces[number % PIECES]
    if (piece?.number !== number) return Number.NaN
    return unpack(piece.numbers[(second % PIECE_SECONDS) * COLUMNS + column]!)
  }

  /** The highest number of a column in the five minutes that hold a second; NaN: nothing is known of them. */
  highest(second: number, column: number): number {
    const number = Math.floor(second / PIECE_SECONDS)
    const piece = this.#pieces[number % PIECES]
    return piece?.number === number ? unpack(piece.highest[column]!) : Number.NaN
  }

  /** Lets go of what is older than an hour. */
  prune(second: number): void {
    const oldest = Math.floor(second / PIECE_SECONDS) - PIECES + 1
    for (const [place, piece] of this.#pieces.entries())
      if (piece !== undefined && piece.number < oldest) this.#pieces[place] = undefined
  }

  get isEmpty(): boolean {
    return this.#pieces.every(piece => piece === undefined)
  }
}
