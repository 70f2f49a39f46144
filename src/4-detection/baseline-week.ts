// The days of one scope added up: what was typical of each, and the whole week. The memory is used for scope after scope.

import { HourReader, MINUTE_WORDS } from './baseline-hour.ts'
import { SketchRows } from './baseline-sketch.ts'

export interface LearnedDay {
  /** Minutes that were measured, and those left out because of an attack. */
  readonly minutes: number
  readonly excluded: number
  /** By word: what the quantile of its minutes is. */
  readonly typical: Float64Array
}

export class WeekSums {
  /** Share of minutes, 0 to 1, that a typical value is not exceeded in. */
  readonly quantile: number
  readonly #reader = new HourReader()
  readonly #day = new SketchRows(MINUTE_WORDS)
  readonly #week = new SketchRows(MINUTE_WORDS)
  #minutes = 0
  #excluded = 0
  #days: LearnedDay[] = []

  constructor(quantile: number) {
    this.quantile = quantile
  }

  /** Forgets the scope before. */
  begin(): void {
    this.#day.clear()
    this.#week.clear()
    this.#days = []
    this.#minutes = 0
    this.#excluded = 0
  }

  /** Adds an hour to the day that ends next; one that is no hour of ours costs only itself. */
  add(bytes: Uint8Array): void {
    const reader = this.#reader
    if (!reader.read(bytes)) return
    this.#minutes += reader.minutes
    this.#excluded += reader.excluded
    reader.each(this.#put)
  }

  readonly #put = (word: number, bucket: number, count: number): void => this.#day.put(word, bucket, count)

  /** Days come oldest first. */
  endDay(): void {
    const [minutes, excluded] = [this.#minutes, this.#excluded]
    const typical = Float64Array.from({ length: MINUTE_WORDS }, (_, word) =>
      this.#day.quantile(word, this.quantile, minutes),
    )
    this.#days.push({ minutes, excluded, typical })
    this.#week.addAll(this.#day)
    this.#day.clear()
    this.#minutes = 0
    this.#excluded = 0
  }

  get days(): readonly LearnedDay[] {
    return this.#days
  }

  get minutes(): number {
    return this.#days.reduce((sum, { minutes }) => sum + minutes, 0)
  }

  get excluded(): number {
    return this.#days.reduce((sum, { excluded }) => sum + excluded, 0)
  }

  /** Of the minutes of all days, as are the other two. */
  typical(word: number): number {
    return this.#week.quantile(word, this.quantile, this.minutes)
  }

  highest(word: number): number {
    return this.#week.highest(word)
  }

  /** How many minutes were above this value. */
  above(word: number, value: number): number {
    return this.#week.above(word, value)
  }
}
