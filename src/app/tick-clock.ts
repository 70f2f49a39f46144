// When a tick is due, how long it was, and when a window of flow counting ends with it.

/** A step that is due at its end to the last digit is due, whatever sums of fractions make of it. */
const ROUNDING_SECONDS = 1e-6

/** Ticks of the excess budget. */
export const BUDGET_TICK_SECONDS = 0.1

export interface DueTick {
  readonly seconds: number
  /** Length of the flow window that ends with this tick, if one does. */
  readonly windowSeconds: number | undefined
}

export class TickClock {
  readonly #mode: 'budget' | 'plain'
  readonly #windowSeconds: number
  #last = 0
  #windowBegan = 0

  /** `speedSeconds`: a step of the plain decision, and a flow window of either. */
  constructor(mode: 'budget' | 'plain', speedSeconds: number) {
    this.#mode = mode
    this.#windowSeconds = speedSeconds
  }

  /** FastNetMon divides by the length of its step, whatever was counted in it. */
  get isPlain(): boolean {
    return this.#mode === 'plain'
  }

  get tickMs(): number {
    return (this.isPlain ? this.#windowSeconds : BUDGET_TICK_SECONDS) * 1000
  }

  start(now: number): void {
    this.#last = now
    this.#windowBegan = now
  }

  /** `undefined` when the tick is not due. Times are seconds of a clock that never jumps back. */
  tick(now: number): DueTick | undefined {
    return this.isPlain ? this.#plain(now) : this.#budget(now)
  }

  #budget(now: number): DueTick | undefined {
    const seconds = now - this.#last
    if (seconds <= 0) return undefined
    this.#last = now
    const window = now - this.#windowBegan
    // Half a tick early is on time: timers are a little off to both sides, and ticks may be longer than usual.
    if (window < this.#windowSeconds - seconds / 2) return { seconds, windowSeconds: undefined }
    this.#windowBegan = now
    return { seconds, windowSeconds: window }
  }

  /** FastNetMon's rule: not before the delay, and the nominal delay divides as long as whole seconds agree with it. */
  #plain(now: number): DueTick | undefined {
    const elapsed = now - this.#last
    if (elapsed < this.#windowSeconds - ROUNDING_SECONDS) return undefined
    this.#last = now
    const isNominal = Math.trunc(elapsed + ROUNDING_SECONDS) === this.#windowSeconds
    const seconds = isNominal ? this.#windowSeconds : elapsed
    return { seconds, windowSeconds: seconds }
  }
}
