// How many bans began within the last minute: a sliding window, bounded by the limit it is compared with.
//
// It remembers the newest moments up to its size; more are never asked for, because at that number nothing new is let in.

import { Newest } from './newest.ts'

/** The window of `policy.bansPerMinute`. */
export const PACE_MS = 60_000

export class BanPace {
  readonly #moments: Newest<number>

  constructor(size: number) {
    this.#moments = new Newest(size)
  }

  began(at: number): void {
    this.#moments.push(at)
  }

  /** Bans that began within the minute before `now`. A moment after it, left by a clock that was put back, is forgotten. */
  within(now: number): number {
    for (;;) {
      const { oldest } = this.#moments
      if (oldest === undefined || (oldest <= now && now - oldest < PACE_MS)) return this.#moments.size
      this.#moments.shift()
    }
  }
}
