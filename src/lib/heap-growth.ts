// How far the heaps of this process grow before V8 marks what is alive in them.
//
// V8 marks when there is somewhat more than before, which with a hundred megabytes alive is every few seconds. A thread then
// marks for a quarter of a second, and everything stands for some 20 ms. Who has much to do is better off with more memory.

import { setFlagsFromString } from 'node:v8'

/** While there is much to do: beyond what is alive, in percent of it. */
const BUSY_PERCENT = 300
const OWN_CHOICE = 0

export class HeapGrowth {
  readonly #busyPercent: number
  #isBusy = false

  constructor(busyPercent: number = BUSY_PERCENT) {
    this.#busyPercent = busyPercent
  }

  /** From the next collection on. */
  follow(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return
    this.#isBusy = isBusy
    setFlagsFromString(`--heap-growing-percent=${isBusy ? this.#busyPercent : OWN_CHOICE}`)
  }
}
