// The clock of the live engine: ends a tick when it is due, and tells how long that took.

import type { Moment } from '#4-detection/ban.ts'

export interface TickLoopOptions {
  readonly tickMs: number
  /** Ends a tick at this moment. */
  readonly tick: (now: Moment) => void
  /** Once a second or so, after a tick. */
  readonly everySecond: () => void
}

/** Now on both clocks. */
export const liveMoment = (): Moment => ({ seconds: performance.now() / 1000, wallMs: Date.now() })

export class TickLoop {
  readonly #options: TickLoopOptions
  #timer: NodeJS.Timeout | undefined
  #due = 0
  #secondAt = 0
  #tickedAt = performance.now()
  /** Microseconds the last tick took. */
  lastTickMicros = 0
  /** Ticks that began more than a whole tick late. */
  late = 0

  constructor(options: TickLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#due = performance.now() + this.#options.tickMs
    this.#schedule()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get secondsSinceTick(): number {
    return (performance.now() - this.#tickedAt) / 1000
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#due - performance.now()))
  }

  #run(): void {
    const began = performance.now()
    const { tickMs, tick, everySecond } = this.#options
    // A timer may fire a little early, and a plain step is never shorter than its delay.
    if (began < this.#due) {
      this.#schedule()
      return
    }
    if (began - this.#due > tickMs) this.late++
    // The moment it began, not a later one: two of these are never closer than a tick.
    tick({ seconds: began / 1000, wallMs: Date.now() })
    this.#tickedAt = performance.now()
    this.lastTickMicros = (this.#tickedAt - began) * 1000
    if (this.#tickedAt >= this.#secondAt) {
      this.#secondAt = this.#tickedAt + 1000
      everySecond()
    }
    // The next tick is a whole tick after this one began: a late one does not make the next one short.
    this.#due = Math.max(began + tickMs, performance.now())
    // Whoever was told may have stopped the loop.
    if (this.#timer !== undefined) this.#schedule()
  }
}
