// How many lines of the log exporters may cause: so many a minute, the rest is counted and told as one.

const LINES_MAX = 100
const MINUTE_MS = 60_000

export class LineQuota {
  readonly #skippedBefore: (skipped: number) => void
  readonly #now: () => number
  #minuteAt = Number.NEGATIVE_INFINITY
  #written = 0
  #skipped = 0

  /** `skippedBefore` hears how many lines were not written in a minute that is over, before the next one is. */
  constructor(skippedBefore: (skipped: number) => void, now = () => performance.now()) {
    this.#skippedBefore = skippedBefore
    this.#now = now
  }

  mayWrite(): boolean {
    const now = this.#now()
    if (now - this.#minuteAt >= MINUTE_MS) {
      if (this.#skipped > 0) this.#skippedBefore(this.#skipped)
      this.#minuteAt = now
      this.#written = this.#skipped = 0
    }
    if (this.#written >= LINES_MAX) {
      this.#skipped++
      return false
    }
    this.#written++
    return true
  }
}
