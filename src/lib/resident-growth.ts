// Whether so much more memory is resident than a while ago that giving some of it back is worth what it costs.
//
// To give back is cheap, to fetch back is not: all threads stop for a moment, and each page of the program file that is needed
// again is a fault. What is needed time and again is back within seconds, so it is no gain to let go of that.

export class ResidentGrowth {
  readonly #worthBytes: number
  #leastBytes = Number.POSITIVE_INFINITY

  /** Growth by less is left alone. */
  constructor(worthBytes: number) {
    this.#worthBytes = worthBytes
  }

  /**
   * True when memory is to be given back; what it is compared with is then the next look, by which what is needed is to be back.
   * `bytes` are resident now.
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
