// Whether so much more memory is resident than a while ago that giving some of it back is worth what it costs.
//
// Giving back holds all threads up for a moment, and each page of the program file that is needed again is a fault. What is
// needed time and again is back within seconds, so it is no gain to let go of that; nor is it while more is being taken: what
// takes it, such as V8 compiling for traffic of another kind, frees it only when it is done.

/** What is needed is back when it was looked so many times since memory was given back. */
const BACK_LOOKS = 2
/** No more is being taken when in so many looks one after the other it was hardly more than in the one before. */
const STILL_LOOKS = 3
/** Hardly more: this share of what is worth giving back. */
const STILL_SHARE = 1 / 8

export class ResidentGrowth {
  readonly #worthBytes: number
  #least = Number.POSITIVE_INFINITY
  #looks = 0
  #stillLooks = 0
  #bytes = 0

  /** Growth by less is left alone. */
  constructor(worthBytes: number) {
    this.#worthBytes = worthBytes
  }

  /** The bytes that are resident: to be told time and again, once a second or so. */
  look(bytes: number): void {
    const isStill = bytes - this.#bytes <= this.#worthBytes * STILL_SHARE
    this.#stillLooks = isStill ? this.#stillLooks + 1 : 0
    this.#looks++
    this.#bytes = bytes
    if (this.#looks >= BACK_LOOKS) this.#least = Math.min(this.#least, bytes)
  }

  /** Whether so much has come on top of the least that was seen since memory was given back, and no more is coming. */
  get isWorth(): boolean {
    return this.#stillLooks >= STILL_LOOKS && this.#bytes - this.#least >= this.#worthBytes
  }

  /** Memory has been given back: what is resident from now on is what later looks are compared with. */
  givenBack(): void {
    this.#looks = 0
    this.#least = Number.POSITIVE_INFINITY
  }
}
