// When events that somebody waits for go to the disk, though others are about to come.
//
// Under load all senders would wait for one write, and then all for the next decisions, and disk and decisions never work at
// once. Half as many events as gathered for the last write are a wave: it is written while the other half is decided about.

/** Fewer are not worth a write of their own while others come. */
const LEAST = 8
/** Writes begin at least so far apart: one costs both threads as much as several events do. Who comes alone waits for none. */
const APART_MS = 2

export class Wave {
  #size = LEAST
  #gathered = 0
  #brokeAt = Number.NEGATIVE_INFINITY

  /** An event waits. True: with it there are enough to be written now. */
  gathers(): boolean {
    this.#gathered++
    return this.#gathered >= this.#size
  }

  /** All that gathered are being written. `now` in ms, of a clock that nobody sets. */
  breaks(now: number): void {
    this.#size = Math.max(LEAST, this.#gathered >> 1)
    this.#gathered = 0
    this.#brokeAt = now
  }

  /** How long the next write has to wait for its turn. */
  restMs(now: number): number {
    return Math.max(0, this.#brokeAt + APART_MS - now)
  }
}
