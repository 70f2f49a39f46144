// Points of one series over time in typed arrays: the newest so many, each with the step of time it is of.

import { COLUMNS } from '../engine-worker/columns.ts'
import type { Points } from './points.ts'

export class Ring implements Points {
  readonly #size: number
  /** They are there once the first point is. */
  #numbers = new Float32Array(0)
  /** By place: of which step the point is; 0: of none. */
  #steps = new Uint32Array(0)

  constructor(size: number) {
    this.#size = size
  }

  put(step: number, from: Float32Array, at: number): void {
    if (this.#steps.length === 0) {
      this.#numbers = new Float32Array(this.#size * COLUMNS)
      this.#steps = new Uint32Array(this.#size)
    }
    const place = step % this.#size
    this.#steps[place] = step
    this.#numbers.set(from.subarray(at, at + COLUMNS), place * COLUMNS)
  }

  read(step: number, column: number): number {
    const place = step % this.#size
    return this.#steps[place] === step ? this.#numbers[place * COLUMNS + column]! : Number.NaN
  }

  numbers(first: number, count: number): Float32Array {
    const numbers = new Float32Array(count * COLUMNS).fill(Number.NaN)
    for (let at = 0; at < count; at++) {
      const place = (first + at) % this.#size
      if (this.#steps[place] === first + at)
        numbers.set(this.#numbers.subarray(place * COLUMNS, (place + 1) * COLUMNS), at * COLUMNS)
    }
    return numbers
  }
}

/** Averages of the points of a longer step, as they come in. */
export class Averages {
  // Arrays of numbers take a third of what typed ones do, and there are many of these.
  readonly #sums: number[] = new Array<number>(COLUMNS).fill(0)
  readonly #counts: number[] = new Array<number>(COLUMNS).fill(0)

  add(from: Float32Array, at: number): void {
    for (let column = 0; column < COLUMNS; column++) {
      const value = from[at + column]!
      if (Number.isNaN(value)) continue
      this.#sums[column]! += value
      this.#counts[column]!++
    }
  }

  /** The averages of what was added; begins anew. */
  take(): Float32Array {
    const numbers = new Float32Array(COLUMNS)
    for (let column = 0; column < COLUMNS; column++) {
      const count = this.#counts[column]!
      numbers[column] = count === 0 ? Number.NaN : this.#sums[column]! / count
    }
    this.#sums.fill(0)
    this.#counts.fill(0)
    return numbers
  }
}
