// Room for the history of so many hosts: they share their memory, and each has a number in it.

import { assert } from '#lib/assert.ts'
import { type HostPlace, HostPoints, PackedPoints } from './packed-points.ts'
import { SECONDS_KEPT, Series, STEPS_A_DAY, TENS_A_STEP } from './series.ts'

/** Steps of a second, and of five minutes, that lie together: a host takes memory for so many at once. */
const SECONDS_A_PIECE = 60
const FIVES_A_PIECE = 12

export interface ShelvedSeries {
  readonly series: Series
  readonly place: HostPlace
}

export class HostShelves {
  readonly #seconds: PackedPoints
  readonly #tens: PackedPoints
  readonly #fives: PackedPoints
  readonly #hostsMax: number
  /** Numbers that have been given out, and those of them that came back. */
  #count = 0
  readonly #free: number[] = []

  constructor(hostsMax: number) {
    this.#hostsMax = hostsMax
    // Of seconds and fives the piece in progress is one more.
    this.#seconds = new PackedPoints({
      ...{ hostsMax, stepsAPiece: SECONDS_A_PIECE, piecesMax: SECONDS_KEPT / SECONDS_A_PIECE + 1 },
    })
    this.#tens = new PackedPoints({ hostsMax, stepsAPiece: TENS_A_STEP, piecesMax: 2 })
    this.#fives = new PackedPoints({
      ...{ hostsMax, stepsAPiece: FIVES_A_PIECE, piecesMax: STEPS_A_DAY / FIVES_A_PIECE + 1 },
    })
  }

  /** A series of which nothing is known. No more than there is room for may be held at once. */
  take(): ShelvedSeries {
    const number = this.#free.pop() ?? this.#count++
    assert(number < this.#hostsMax, 'whoever takes a series has cleared another one first')
    const place: HostPlace = { number }
    const [seconds, tens, fives] = [this.#seconds, this.#tens, this.#fives].map(
      points => new HostPoints(points, place),
    ) as [HostPoints, HostPoints, HostPoints]
    return { series: new Series('host', { seconds, tens, fives }), place }
  }

  /** Whether no second is known. */
  isEmpty({ place: { number } }: ShelvedSeries): boolean {
    return number === undefined || !this.#seconds.has(number)
  }

  /** Gives its room back. Whoever still has the series finds nothing in it. */
  clear({ place }: ShelvedSeries): void {
    const { number } = place
    if (number === undefined) return
    for (const points of [this.#seconds, this.#tens, this.#fives]) points.forget(number)
    this.#free.push(number)
    place.number = undefined
  }

  /** Lets go of seconds that are older than an hour. */
  prune(second: number): void {
    this.#seconds.prune(second - SECONDS_KEPT)
  }
}
