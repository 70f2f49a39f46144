// The clock of the live engine: ends a tick when it is due, and tells how long that took.

import type { Moment } from '#4-detection/ban.ts'
import { Pace } from './pace.ts'

export interface TickLoopOptions {
  readonly tickMs: number
  /** Whether ticks always have that length; else they lengthen when they cost too much. */
  readonly fixed: boolean
  /** Ends a tick at this moment; true when it was a full pass over all hosts with traffic. */
  readonly tick: (now: Moment) => boolean
  /** Hears that ticks have another length from now on. */
  readonly paced: (tickMs: number, share: number) => void
}

/** Now on both clocks. */
export const liveMoment = (): Moment => ({ seconds: performance.now() / 1000, wallMs: Date.now() })

export class TickLoop {
  readonly #options: TickLoopOptions
  readonly #pace: Pace
  #timer: NodeJS.Timeout | undefined
  #due = 0
  #tickedAt = performance.now()
  /** Microseconds the last tick took, and the last full pass. */
  lastTickMicros = 0
  lastPassMicros = 0
  /** Ticks that began more than a whole tick late. */
  late = 0

  constructor(options: TickLoopOptions) {
    this.#options = options
    this.#pace = new Pace(options.tickMs, options.fixed, performance.now())
  }

  /** Milliseconds between ticks now. */
  get tickMs(): number {
    return this.#pace.tickMs
  }

  /** Share of a core that ticks take. */
  get share(): number {
    return this.#pace.share
  }

  start(): void {
    this.#due = performance.now() + this.tickMs
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
    // A timer may fire a little early, and a plain step is never shorter than its delay.
    if (began < this.#due) {
      this.#schedule()
      return
    }
    if (began - this.#due > this.tickMs) this.late++
    // The moment it began, not a later one: two of these are never closer than a tick.
    const isPass = this.#options.tick({ seconds: began / 1000, wallMs: Date.now() })
    this.#tickedAt = performance.now()
    const took = this.#tickedAt - began
    this.lastTickMicros = took * 1000
    if (isPass) this.lastPassMicros = this.lastTickMicros
    if (this.#pace.spent(took, this.#tickedAt)) this.#options.paced(this.tickMs, this.share)
    // The next tick is a whole tick after this one began: a late one does not make the next one short.
    this.#due = Math.max(began + this.tickMs, performance.now())
    // Whoever was told may have stopped the loop.
    if (this.#timer !== undefined) this.#schedule()
  }
}
