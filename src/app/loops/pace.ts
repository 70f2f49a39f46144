// How long ticks are: when they cost too much of a core they become longer, and shorter again when they cost little.

/** Lengths a tick may have, in milliseconds: they divide a second, so that windows stay as long as they are. */
const LENGTHS_MS = [100, 200, 500, 1000] as const
/** Ticks are lengthened above this share of a core. */
const MOST_SHARE = 0.3
/** And shortened below this one: a tick of half the length costs at most twice as much, which is well below the other. */
const LEAST_SHARE = 0.1
/** The share is measured over so long. */
const MEASURE_MS = 3000

/** What is logged when ticks have another length: words and facts. `share` of a core is what they cost before. */
export const paceText = (tickMs: number, share: number): [string, Readonly<Record<string, number>>] => [
  'ticks have another length, because of what they cost',
  { tickMs, sharePercent: Math.round(share * 100) },
]

export class Pace {
  readonly #isFixed: boolean
  #began: number
  #busyMs = 0
  tickMs: number
  /** Share of a core that ticks took when it was last measured. */
  share = 0

  /** `fixed`: the length never changes, and the share is only measured. `now` and all times are milliseconds. */
  constructor(tickMs: number, fixed: boolean, now: number) {
    this.tickMs = tickMs
    this.#isFixed = fixed
    this.#began = now
  }

  /** A tick took so long and ended now; true when the next ones have another length. */
  spent(busyMs: number, now: number): boolean {
    this.#busyMs += busyMs
    const elapsed = now - this.#began
    if (elapsed < MEASURE_MS) return false
    this.share = this.#busyMs / elapsed
    this.#began = now
    this.#busyMs = 0
    const next = this.#next()
    if (this.#isFixed || next === this.tickMs) return false
    this.tickMs = next
    return true
  }

  #next(): number {
    const longer = LENGTHS_MS.find(length => length > this.tickMs) ?? this.tickMs
    const shorter = LENGTHS_MS.findLast(length => length < this.tickMs) ?? this.tickMs
    if (this.share > MOST_SHARE) return longer
    return this.share < LEAST_SHARE ? shorter : this.tickMs
  }
}
