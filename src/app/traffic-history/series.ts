// One series of traffic: each second of an hour and each ten seconds of a day in memory, unless it is a coarse one; each five
// minutes for the disk.

import { COLUMNS } from '../engine-worker/rates.ts'
import { Averages, Ring } from './ring.ts'

export const SECONDS_KEPT = 3600
export const TENS_KEPT = 8640
export const STEPS_A_DAY = 288
const DAY_SECONDS = 86_400

export class Series {
  readonly #seconds: Ring | undefined
  readonly #tens: Ring | undefined
  readonly #ten = new Averages()
  readonly #five = new Averages()
  #last = 0
  /** What is known of the day in progress, for the disk. */
  #day = { number: 0, numbers: new Float32Array(0) }

  /** `isFine`: seconds and tens are kept; otherwise only what goes to the disk. */
  constructor(isFine = true) {
    if (!isFine) return
    this.#seconds = new Ring(SECONDS_KEPT)
    this.#tens = new Ring(TENS_KEPT)
  }

  get isFine(): boolean {
    return this.#seconds !== undefined
  }

  /** Takes in the numbers of a second since 1970. True: five minutes are over, and `day` is to be kept. */
  push(second: number, from: Float32Array, at: number): boolean {
    if (second <= this.#last) return false
    const before = this.#last
    this.#last = second
    let isDue = false
    if (before !== 0 && stepOf(before, 10) !== stepOf(second, 10)) {
      const numbers = this.#ten.take()
      this.#tens?.put(stepOf(before, 10), numbers, 0)
      this.#five.add(numbers, 0)
      if (stepOf(before, 300) !== stepOf(second, 300)) {
        this.#keep(stepOf(before, 300), this.#five.take())
        isDue = true
      }
    }
    this.#seconds?.put(second, from, at)
    this.#ten.add(from, at)
    return isDue
  }

  #keep(step: number, numbers: Float32Array): void {
    const day = Math.floor((step * 300) / DAY_SECONDS)
    if (this.#day.number !== day)
      this.#day = { number: day, numbers: new Float32Array(STEPS_A_DAY * COLUMNS).fill(Number.NaN) }
    this.#day.numbers.set(numbers, (step % STEPS_A_DAY) * COLUMNS)
  }

  /** The day of the five minutes that ended last, and all that is known of it. A copy. */
  get day(): { readonly day: number; readonly body: Uint8Array } {
    const { number, numbers } = this.#day
    return { day: number, body: new Uint8Array(numbers.slice().buffer) }
  }

  /** A number of a step of 1 or 10 seconds, counted since 1970; NaN: not known. */
  read(stepSeconds: 1 | 10, step: number, column: number): number {
    return (stepSeconds === 1 ? this.#seconds : this.#tens)?.read(step, column) ?? Number.NaN
  }
}

export const stepOf = (second: number, stepSeconds: number): number => Math.floor(second / stepSeconds)
