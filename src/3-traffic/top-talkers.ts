// The k biggest of many: a heap of bounded size, walked over all hosts when somebody looks.

/** Keeps the `size` entries with the highest values; a new one replaces the lowest. */
export class TopList {
  readonly #size: number
  readonly #values: number[] = []
  readonly #items: number[] = []

  constructor(size: number) {
    this.#size = size
  }

  offer(item: number, value: number): void {
    if (this.#values.length < this.#size) {
      this.#values.push(value)
      this.#items.push(item)
      this.#up(this.#values.length - 1)
    } else if (this.#size > 0 && value > this.#values[0]!) {
      this.#values[0] = value
      this.#items[0] = item
      this.#down()
    }
  }

  /** Items by falling value; equal values by rising item, so that the order is always the same. */
  sorted(): number[] {
    return this.#items
      .map((item, at) => ({ item, value: this.#values[at]! }))
      .sort((a, b) => b.value - a.value || a.item - b.item)
      .map(entry => entry.item)
  }

  #up(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#values[parent]! <= this.#values[at]!) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    let at = 0
    for (;;) {
      let least = at
      for (const child of [at * 2 + 1, at * 2 + 2]) {
        if (child < this.#values.length && this.#values[child]! < this.#values[least]!) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const value = this.#values[a]!
    const item = this.#items[a]!
    this.#values[a] = this.#values[b]!
    this.#items[a] = this.#items[b]!
    this.#values[b] = value
    this.#items[b] = item
  }
}
