// How far the heaps of this process grow before V8 marks what is alive in them.
//
// V8 marks when there is somewhat more than before. After a collection that was asked for that is eight megabytes, which the
// histories of a flood take at once, later four times what is alive. A thread then marks for a quarter of a second, and
// everything stands for some 20 ms. Who has much to do is better off with more memory.

import { setFlagsFromString } from 'node:v8'

/** Beyond what is alive, in percent of it. */
const CALM_PERCENT = 100
const BUSY_PERCENT = 300

export class HeapGrowth {
  readonly #calmPercent: number
  readonly #busyPercent: number
  #isBusy = false

  /** Calm to begin with. */
  constructor(calmPercent: number = CALM_PERCENT, busyPercent: number = BUSY_PERCENT) {
    this.#calmPercent = calmPercent
    this.#busyPercent = busyPercent
    this.#allow()
  }

  /** From the next collection on. */
  follow(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return
    this.#isBusy = isBusy
    this.#allow()
  }

  #allow(): void {
    setFlagsFromString(`--heap-growing-percent=${this.#isBusy ? this.#busyPercent : this.#calmPercent}`)
  }
}
