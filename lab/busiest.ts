// The busiest tenth of a second of what a generator sent: one that was kept waiting makes good for it in a burst.

const SLICE_MILLISECONDS = 10
const SLICES = 10

/** Packets by slices of 10 ms; a window is ten of them and the one that has begun, so it misses nothing of 100 ms. */
export class Busiest {
  readonly #slices = new Uint32Array(SLICES + 1)
  #slice = 0
  #inWindow = 0
  #most = 0

  /** Milliseconds since the start, never fewer than before. */
  add(packets: number, elapsedMilliseconds: number): void {
    const slice = Math.floor(elapsedMilliseconds / SLICE_MILLISECONDS)
    for (let steps = Math.min(slice - this.#slice, this.#slices.length); steps > 0; steps--) {
      const at = (slice - steps + 1) % this.#slices.length
      this.#inWindow -= this.#slices[at]!
      this.#slices[at] = 0
    }
    this.#slice = slice
    this.#slices[slice % this.#slices.length]! += packets
    this.#inWindow += packets
    this.#most = Math.max(this.#most, this.#inWindow)
  }

  /** At least the packets per second of the busiest 100 ms, at most a tenth more. */
  get packetsPerSecond(): number {
    return (this.#most * 1000) / (SLICES * SLICE_MILLISECONDS)
  }
}
