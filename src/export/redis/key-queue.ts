// Keys on their way to Redis: each with its newest value, bounded by count and bytes, the oldest dropped first.

export interface QueueBounds {
  readonly keysMax: number
  readonly bytesMax: number
}

export class KeyQueue {
  readonly #bounds: QueueBounds
  // Maps keep the order of insertion: oldest first.
  readonly #values = new Map<string, string>()
  #bytes = 0
  dropped = 0

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  put(key: string, value: string): void {
    this.#delete(key)
    this.#values.set(key, value)
    this.#bytes += value.length
    while (this.#values.size > this.#bounds.keysMax || this.#bytes > this.#bounds.bytesMax) {
      this.#delete(this.first?.[0] ?? '')
      this.dropped++
    }
  }

  get first(): readonly [key: string, value: string] | undefined {
    return this.#values.entries().next().value
  }

  /** The value has arrived; a newer one of the key stays. */
  done(key: string, value: string): void {
    if (this.#values.get(key) === value) this.#delete(key)
  }

  /** All that wait, oldest first; none does afterwards. */
  takeAll(): (readonly [key: string, value: string])[] {
    const all = [...this.#values]
    this.#values.clear()
    this.#bytes = 0
    return all
  }

  get size(): number {
    return this.#values.size
  }

  #delete(key: string): void {
    this.#bytes -= this.#values.get(key)?.length ?? 0
    this.#values.delete(key)
  }
}
