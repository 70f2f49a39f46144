// A counter that somebody else keeps in 32 bits, followed beyond them.

export class WrappingCounter {
  #last = 0
  #total = 0

  /** What was counted since the other one began at 0; `now` is what it shows. It must be asked before that wraps twice. */
  follow(now: number): number {
    this.#total += (now - this.#last) >>> 0
    this.#last = now
    return this.#total
  }
}
