// Points of one series over time in typed arrays: the newest so many, each with the step of time it is of.

import { COLUMNS } from '../engine-worker/columns.ts'

export class Ring {
  readonly #size: number
  readonly #numbers: Float32Array
  /** By place: of which step the point is; 0: of none. */
  readonly #steps: Uint32Array

  constructor(size: number) {
    this.#size = size
    this.#numbers = new Float32Array(size * COLUMNS)
    this.#steps = new Uint32Array(size)
  }

  /** Takes COLUMNS numbers of `from`, which begin at `at`. */
  put(step: number, from: Float32Array, at: number): void {
    const place = step % this.#size
    this.#steps[place] = step
    this.#numbers.set(from.subarray(at, at + COLUMNS), place * COLUMNS)
  }

  /** A number of the point of a step; NaN: not known. */
  read(step: number, column: number): number {
    const place = step % this.#size
    return this.#steps[place] === step ? this.#numbers[place * COLUMNS + column]! : Number.NaN
  }
}

/** Averages of the points of a longer step, as they come in. */
export class Averages {
  readonly numbers = new Float32Array(COLUMNS)
  readonly #sums = new Float64Array(COLUMNS)
  readonly #counts = new Uint32Array(COLUMNS)

  add(from: Float32Array, at: number): void {
    for (let column = 0; column < COLUMNS; column++) {
      const value = from[at + column]!
      if (Number.isNaN(value)) continue
      this.#sums[column]! += value
      this.#counts[column]!++
    }
  }

  /** The averages of what was added, in `numbers`; begins anew. */
  take(): Float32Array {
    for (let column = 0; column < COLUMNS; column++) {
      const count = this.#counts[column]!
      this.numbers[column] = count === 0 ? Number.NaN : this.#sums[column]! / count
    }
    this.#sums.fill(0)
    this.#counts.fill(0)
    return this.numbers
  }
}
