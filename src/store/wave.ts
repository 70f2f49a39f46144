// When events that somebody waits for go to the disk, though others are about to come.
//
// Under load all senders would wait for one write, and then all for the next decisions, and disk and decisions never work at
// once. Half as many events as gathered for the last write are a wave: it is written while the other half is decided about.

/** Fewer are not worth a write of their own while others come. */
const LEAST = 8

export class Wave {
  #size = LEAST
  #gathered = 0

  /** An event waits. True: with it there are enough to be written now. */
  gathers(): boolean {
    this.#gathered++
    return this.#gathered >= this.#size
  }

  /** All that gathered are being written. */
  breaks(): void {
    this.#size = Math.max(LEAST, this.#gathered >> 1)
    this.#gathered = 0
  }
}
