// A 32-bit counter of another thread as a number that never wraps, as long as it is read often enough.

export class WrappingCounter {
  readonly #words: Int32Array
  readonly #at: number
  #before = 0
  #sum = 0

  constructor(words: Int32Array, at: number) {
    this.#words = words
    this.#at = at
  }

  read(): number {
    const now = this.#words[this.#at] ?? 0
    this.#sum += (now - this.#before) >>> 0
    this.#before = now
    return this.#sum
  }
}
