// Whether so much more memory is resident than a while ago that giving some of it back is worth what it costs.
//
// Giving back holds all threads up for a moment, and each page of the program file that is needed again is a fault. What is
// needed time and again is back within seconds, so it is no gain to let go of that.

export class ResidentGrowth {
  readonly #worthBytes: number
  #leastBytes = Number.POSITIVE_INFINITY

  /** Growth by less is left alone. */
  constructor(worthBytes: number) {
    this.#worthBytes = worthBytes
  }

  /**
   * Call it time and again with the bytes that are resident. True: memory is to be given back now, and the next call, before which
   * what is needed is to be back, tells what later ones are compared with.
   */
  isWorth(bytes: number): boolean {
    if (bytes - this.#leastBytes >= this.#worthBytes) {
      this.#leastBytes = Number.POSITIVE_INFINITY
      return true
    }
    this.#leastBytes = Math.min(this.#leastBytes, bytes)
    return false
  }
}
