// One series of traffic: each second of an hour and each ten seconds of a day, unless it is a coarse one; each five minutes
// for the disk.

import { pack } from './packed.ts'
import { HostPoints } from './packed-points.ts'
import { NO_POINTS, type Points } from './points.ts'
import { Averages, Ring } from './ring.ts'

export const SECONDS_KEPT = 3600
export const TENS_KEPT = 8640
export const STEPS_A_DAY = 288
/** Points of ten seconds in five minutes. */
export const TENS_A_STEP = 30

/**
 * fine: seconds and tens in memory, tens on disk too. host: seconds in memory, packed; tens on disk, the newest in memory too.
 * coarse: neither.
 */
export type SeriesKind = 'fine' | 'host' | 'coarse'

/** Where a series keeps its seconds, tens and fives: steps of one second, of ten, and of five minutes. */
export interface SeriesPoints {
  readonly seconds: Points
  /** Those of the five minutes in progress and of those that ended last at least. */
  readonly tens: Points
  /** Those of the day in progress at least. */
  readonly fives: Points
}

export const fineSeries = (): Series =>
  new Series('fine', {
    seconds: new Ring(SECONDS_KEPT),
    tens: new Ring(TENS_KEPT),
    fives: new Ring(STEPS_A_DAY),
  })

export const coarseSeries = (): Series =>
  new Series('coarse', { seconds: NO_POINTS, tens: NO_POINTS, fives: new Ring(STEPS_A_DAY) })

export class Series {
  readonly kind: SeriesKind
  readonly #points: SeriesPoints
  readonly #ten = new Averages()
  readonly #five = new Averages()
  #last = 0
  /** The first second of this run. */
  #since = 0
  /** The five minutes that ended last. */
  #ended = 0

  constructor(kind: SeriesKind, points: SeriesPoints) {
    this.kind = kind
    this.#points = points
  }

  /** Takes in the numbers of a second since 1970. True: five minutes are over, and `day` and `tens` are to be kept. */
  push(second: number, from: Float32Array, at: number): boolean {
    if (second <= this.#last) return false
    const before = this.#last
    this.#last = second
    if (this.#since === 0) this.#since = second
    const isDue = before !== 0 && stepOf(before, 10) !== stepOf(second, 10) && this.#endTen(before, second)
    this.#points.seconds.put(second, from, at)
    this.#ten.add(from, at)
    return isDue
  }

  /** Ten seconds that held `before` are over. True: so are five minutes. */
  #endTen(before: number, second: number): boolean {
    const numbers = this.#ten.take()
    this.#points.tens.put(stepOf(before, 10), numbers, 0)
    this.#five.add(numbers, 0)
    const step = stepOf(before, 300)
    if (step === stepOf(second, 300)) return false
    this.#endFive(step)
    return true
  }

  #endFive(step: number): void {
    this.#points.fives.put(step, this.#five.take(), 0)
    this.#ended = step
  }

  /** Nothing comes any more: what is known of the five minutes in progress stands for them. False: there is nothing. */
  end(): boolean {
    if (this.#last === 0) return false
    this.#endTen(this.#last, this.#last)
    this.#endFive(stepOf(this.#last, 300))
    this.#last = 0
    return true
  }

  /** The second that was pushed last; 0 for none. */
  get last(): number {
    return this.#last
  }

  /** The first second that was pushed. */
  get since(): number {
    return this.#since
  }

  /** The day of the five minutes that ended last, and all that is known of it; packed if it is that of a host. */
  get day(): { readonly day: number; readonly body: Uint8Array } {
    const day = Math.floor(this.#ended / STEPS_A_DAY)
    const { buffer } = this.#points.fives.numbers(day * STEPS_A_DAY, STEPS_A_DAY)
    return { day, body: new Uint8Array(buffer) }
  }

  /** The five minutes that ended last by ten seconds, packed; `undefined` of a coarse series. */
  get tens(): { readonly step: number; readonly body: Uint8Array } | undefined {
    if (this.kind === 'coarse' || this.#ended === 0) return undefined
    const numbers = this.#points.tens.numbers(this.#ended * TENS_A_STEP, TENS_A_STEP)
    const packed = numbers instanceof Uint16Array ? numbers : Uint16Array.from(numbers, pack)
    return { step: this.#ended, body: new Uint8Array(packed.buffer) }
  }

  /** A number of a step of 1 or 10 seconds, counted since 1970; NaN: not known here. */
  read(stepSeconds: 1 | 10, step: number, column: number): number {
    return this.#points[stepSeconds === 1 ? 'seconds' : 'tens'].read(step, column)
  }

  /** Of a host the highest number of a column that is known of so many seconds; NaN: none is, or look at each. */
  highest(first: number, count: number, column: number): number {
    const { seconds } = this.#points
    return seconds instanceof HostPoints ? seconds.highest(first, count, column) : Number.NaN
  }
}

export const stepOf = (second: number, stepSeconds: number): number => Math.floor(second / stepSeconds)
