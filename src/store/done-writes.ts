// Which writes are done, known a moment before the worker's message of it comes.
//
// When dozens of events come in one go the main thread hears of nothing else until it has dealt with the last of them. Whoever
// waits for a write would wait for all of these; so between two events it is looked here, and answers leave in between.

export class DoneWrites {
  /** How many there were: the worker counts one, then tells of it. */
  readonly counted = new Int32Array(new SharedArrayBuffer(4))
  /** Acted upon. */
  #known = 0
  /** Told of. */
  #told = 0

  /** Worker's side. */
  static count(counted: Int32Array): void {
    Atomics.add(counted, 0, 1)
  }

  /** Whether one is done that nobody has acted upon; whoever hears yes does. */
  look(): boolean {
    if (Atomics.load(this.counted, 0) === this.#known) return false
    this.#known++
    return true
  }

  /** The message of a write came: whether nobody has acted upon that write. */
  hear(): boolean {
    this.#told++
    if (this.#told <= this.#known) return false
    this.#known++
    return true
  }
}
