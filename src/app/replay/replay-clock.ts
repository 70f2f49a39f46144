// Time in a replay: that of the packets, cut into ticks. Packets out of order do not turn it back.

import type { Moment } from '#4-detection/ban.ts'

/** A gap longer than this is not lived through tick by tick while no attack is open. */
const LONG_GAP_SECONDS = 600
/** So much of a long gap is lived through: everything has calmed down by then. */
const LIVED_SECONDS = 60

export class ReplayClock {
  readonly #tickMs: number
  #firstSeconds = 0
  #firstNanoseconds = 0
  #ticks = 0
  #skipped = 0
  #isRunning = false

  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  start(seconds: number, nanoseconds: number): Moment {
    this.#firstSeconds = seconds
    this.#firstNanoseconds = nanoseconds
    this.#isRunning = true
    return this.#momentAt(0)
  }

  /** Seconds from the first packet to this one. */
  elapsed(seconds: number, nanoseconds: number): number {
    return seconds - this.#firstSeconds + (nanoseconds - this.#firstNanoseconds) / 1e9
  }

  /** When the tick in progress ends, in seconds from the first packet. */
  get endsAt(): number {
    return this.#afterTicks(this.#ticks + 1)
  }

  /** Ends the tick in progress. */
  next(): Moment {
    this.#ticks++
    return this.#momentAt(this.#afterTicks(this.#ticks))
  }

  /** Jumps over most of the time until a packet far ahead; does nothing when it is not. */
  skipTowards(elapsed: number): void {
    const gap = elapsed - this.endsAt
    if (gap > LONG_GAP_SECONDS) this.#skipped += Math.floor(gap - LIVED_SECONDS)
  }

  /** Divided last: tenths of a second add up to errors, milliseconds do not. */
  #afterTicks(ticks: number): number {
    return this.#skipped + (ticks * this.#tickMs) / 1000
  }

  #momentAt(seconds: number): Moment {
    const wallMs = this.#firstSeconds * 1000 + this.#firstNanoseconds / 1e6 + seconds * 1000
    return { seconds, wallMs: Math.round(wallMs) }
  }
}
