// One series of traffic: each second of an hour and each ten seconds of a day, unless it is a coarse one; each five minutes
// for the disk.

import { COLUMNS } from '../engine-worker/columns.ts'
import { pack, UNKNOWN, unpack } from './packed.ts'
import { PackedHour } from './packed-hour.ts'
import { Averages, Ring } from './ring.ts'

export const SECONDS_KEPT = 3600
export const TENS_KEPT = 8640
export const STEPS_A_DAY = 288
/** Points of ten seconds in five minutes. */
export const TENS_A_STEP = 30
const DAY_SECONDS = 86_400

/**
 * fine: seconds and tens in memory, tens on disk too. host: seconds in memory, packed; tens on disk alone. coarse: neither.
 */
export type SeriesKind = 'fine' | 'host' | 'coarse'

export class Series {
  readonly kind: SeriesKind
  readonly #seconds: Ring | PackedHour | undefined
  readonly #tens: Ring | undefined
  readonly #ten = new Averages()
  readonly #five = new Averages()
  #last = 0
  /** The first second of this run. */
  #since = 0
  /** What is known of the day in progress, for the disk. */
  readonly #day: Day
  /** The five minutes in progress by ten seconds, and those that ended last. */
  #stepTens = { step: 0, numbers: unknownTens() }
  #tensDue: { readonly step: number; readonly numbers: Uint16Array } | undefined

  constructor(kind: SeriesKind = 'fine') {
    this.kind = kind
    this.#day = kind === 'host' ? packedDay() : floatDay()
    if (kind === 'fine') this.#tens = new Ring(TENS_KEPT)
    if (kind !== 'coarse') this.#seconds = kind === 'fine' ? new Ring(SECONDS_KEPT) : new PackedHour()
  }

  /** Takes in the numbers of a second since 1970. True: five minutes are over, and `day` and `tens` are to be kept. */
  push(second: number, from: Float32Array, at: number): boolean {
    if (second <= this.#last) return false
    const before = this.#last
    this.#last = second
    if (this.#since === 0) this.#since = second
    const isDue = before !== 0 && stepOf(before, 10) !== stepOf(second, 10) && this.#endTen(before, second)
    this.#seconds?.put(second, from, at)
    this.#ten.add(from, at)
    return isDue
  }

  /** Ten seconds that held `before` are over. True: so are five minutes. */
  #endTen(before: number, second: number): boolean {
    const numbers = this.#ten.take()
    const ten = stepOf(before, 10)
    this.#tens?.put(ten, numbers, 0)
    this.#five.add(numbers, 0)
    this.#keepTen(ten, numbers)
    const step = stepOf(before, 300)
    if (step === stepOf(second, 300)) return false
    this.#endFive(step)
    return true
  }

  #endFive(step: number): void {
    this.#day.put(step, this.#five.take())
    this.#tensDue = this.#stepTens
    this.#stepTens = { step: 0, numbers: unknownTens() }
  }

  #keepTen(ten: number, numbers: Float32Array): void {
    const step = Math.floor(ten / TENS_A_STEP)
    if (this.#stepTens.step !== step) this.#stepTens = { step, numbers: unknownTens() }
    const place = (ten % TENS_A_STEP) * COLUMNS
    for (let column = 0; column < COLUMNS; column++)
      this.#stepTens.numbers[place + column] = pack(numbers[column]!)
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

  /** The day of the five minutes that ended last, and all that is known of it. A copy. */
  get day(): { readonly day: number; readonly body: Uint8Array } {
    return this.#day.read()
  }

  /** The five minutes that ended last by ten seconds. A copy; `undefined` of a coarse series. */
  get tens(): { readonly step: number; readonly body: Uint8Array } | undefined {
    if (this.kind === 'coarse' || this.#tensDue === undefined) return undefined
    const { step, numbers } = this.#tensDue
    return { step, body: new Uint8Array(numbers.slice().buffer) }
  }

  /** A number of a step of 1 or 10 seconds, counted since 1970; NaN: not known here. */
  read(stepSeconds: 1 | 10, step: number, column: number): number {
    if (stepSeconds === 1) return this.#seconds?.read(step, column) ?? Number.NaN
    if (this.#tens !== undefined) return this.#tens.read(step, column)
    const five = Math.floor(step / TENS_A_STEP)
    const held = [this.#stepTens, this.#tensDue].find(tens => tens?.step === five)
    return unpack(held?.numbers[(step % TENS_A_STEP) * COLUMNS + column] ?? UNKNOWN)
  }

  /** The highest number of a column that is known of the five minutes before the end of which a second lies; NaN: look at each. */
  highest(second: number, column: number): number {
    return this.#seconds instanceof PackedHour ? this.#seconds.highest(second, column) : Number.NaN
  }

  /** Of a host that is no longer kept: whether nothing of its last hour is left. */
  fade(second: number): boolean {
    if (!(this.#seconds instanceof PackedHour)) return true
    this.#seconds.prune(second)
    return this.#seconds.isEmpty
  }
}

export const stepOf = (second: number, stepSeconds: number): number => Math.floor(second / stepSeconds)

const unknownTens = () => new Uint16Array(TENS_A_STEP * COLUMNS).fill(UNKNOWN)

interface Day {
  put(step: number, numbers: Float32Array): void
  read(): { readonly day: number; readonly body: Uint8Array }
}

const dayOf = (step: number) => Math.floor((step * 300) / DAY_SECONDS)
const placeOf = (step: number) => (step % STEPS_A_DAY) * COLUMNS

/** 7 KB; it is there once the first five minutes are over. */
function floatDay(): Day {
  let day = 0
  let known = new Float32Array(0)
  return {
    put(step, numbers) {
      if (day !== dayOf(step)) known = new Float32Array(STEPS_A_DAY * COLUMNS).fill(Number.NaN)
      day = dayOf(step)
      known.set(numbers, placeOf(step))
    },
    read: () => ({ day, body: new Uint8Array(known.slice().buffer) }),
  }
}

function packedDay(): Day {
  let day = 0
  let known = new Uint16Array(0)
  return {
    put(step, numbers) {
      if (day !== dayOf(step)) known = new Uint16Array(STEPS_A_DAY * COLUMNS).fill(UNKNOWN)
      day = dayOf(step)
      for (let column = 0; column < COLUMNS; column++) known[placeOf(step) + column] = pack(numbers[column]!)
    },
    read: () => ({ day, body: new Uint8Array(known.slice().buffer) }),
  }
}
