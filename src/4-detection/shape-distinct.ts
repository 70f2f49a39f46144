// How many different values there were, from 1,024 bits: linear counting (Whang 1990), good to a few thousand.

const BITS = 1024

/** Words of 32 bits one of these takes. */
export const DISTINCT_WORDS = BITS / 32

export class ShapeDistinct {
  readonly #words: Uint32Array<ArrayBuffer>
  #set = 0

  constructor(memory: ArrayBuffer, at: number) {
    this.#words = new Uint32Array(memory, at, DISTINCT_WORDS)
  }

  clear(): void {
    this.#words.fill(0)
    this.#set = 0
  }

  /** `hash` is any number whose low ten bits are well mixed. */
  add(hash: number): void {
    const word = (hash >>> 5) & (DISTINCT_WORDS - 1)
    const bit = 1 << (hash & 31)
    const old = this.#words[word]!
    if ((old & bit) !== 0) return
    this.#words[word] = old | bit
    this.#set++
  }

  /** The estimate; with all bits set the most that can be told apart, about 7,100. */
  get estimate(): number {
    const empty = Math.max(1, BITS - this.#set)
    return Math.round(BITS * Math.log(BITS / empty))
  }
}
