// How fast an attack was from its beginning on, in a bounded number of points: when they are used up, two become one.

import { ATTACK_COLUMNS } from '../engine-worker/attack-rates.ts'

export const POINTS_MAX = 240

/** What is told of it: a number for each point and column, null where nothing was measured. */
export interface SpeedsKept {
  /** Of the first point, ms since 1970 UTC. */
  readonly from: number
  readonly stepSeconds: number
  /** By column (`attack-rates.ts`). */
  readonly average: readonly (readonly (number | null)[])[]
  readonly highest: readonly (readonly (number | null)[])[]
}

export class SpeedCourse {
  readonly #from: number
  #stepSeconds = 1
  #points = 0
  readonly #sums = new Float64Array(POINTS_MAX * ATTACK_COLUMNS)
  readonly #highest = new Float64Array(POINTS_MAX * ATTACK_COLUMNS)
  /** By place: how many seconds told of it. */
  readonly #counts = new Uint32Array(POINTS_MAX * ATTACK_COLUMNS)

  /** `second`: since 1970, of the first point. */
  constructor(second: number) {
    this.#from = second
  }

  /** Takes ATTACK_COLUMNS numbers of `from`, which begin at `at`. */
  add(second: number, from: Float32Array, at: number): void {
    if (second < this.#from) return
    while (second - this.#from >= POINTS_MAX * this.#stepSeconds) this.#halve()
    const point = Math.floor((second - this.#from) / this.#stepSeconds)
    this.#points = Math.max(this.#points, point + 1)
    for (let column = 0; column < ATTACK_COLUMNS; column++) {
      const value = from[at + column]!
      if (Number.isNaN(value)) continue
      const place = point * ATTACK_COLUMNS + column
      this.#sums[place]! += value
      this.#counts[place]!++
      this.#highest[place] = Math.max(this.#highest[place]!, value)
    }
  }

  #halve(): void {
    this.#stepSeconds *= 2
    this.#points = Math.ceil(this.#points / 2)
    for (let point = 0; point < POINTS_MAX; point++)
      for (let column = 0; column < ATTACK_COLUMNS; column++) {
        const place = point * ATTACK_COLUMNS + column
        const [a, b] = [2 * point, 2 * point + 1].map(of => of * ATTACK_COLUMNS + column) as [number, number]
        this.#sums[place] = (this.#sums[a] ?? 0) + (this.#sums[b] ?? 0)
        this.#counts[place] = (this.#counts[a] ?? 0) + (this.#counts[b] ?? 0)
        this.#highest[place] = Math.max(this.#highest[a] ?? 0, this.#highest[b] ?? 0)
      }
  }

  /** All of it; `undefined` while nothing was measured. */
  kept(): SpeedsKept | undefined {
    if (this.#points === 0) return undefined
    const column = (value: (place: number) => number) =>
      Array.from({ length: ATTACK_COLUMNS }, (_, at) =>
        Array.from({ length: this.#points }, (_, point) => {
          const place = point * ATTACK_COLUMNS + at
          return this.#counts[place] === 0 ? null : Math.round(value(place))
        }),
      )
    return {
      ...{ from: this.#from * 1000, stepSeconds: this.#stepSeconds },
      average: column(place => this.#sums[place]! / this.#counts[place]!),
      highest: column(place => this.#highest[place]!),
    }
  }
}
