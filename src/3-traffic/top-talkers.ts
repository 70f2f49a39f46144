// The k biggest of many: a heap of bounded size, walked over all hosts when somebody looks.

/** Keeps the `size` entries with the highest values; a new one replaces the lowest. Items are whole numbers of 32 bits. */
export class TopList {
  readonly #size: number
  // Typed, because what fills them is compiled once: a plain array is one of whole numbers until the first other one comes.
  readonly #values: Float64Array
  readonly #items: Int32Array
  #count = 0

  constructor(size: number) {
    this.#size = size
    this.#values = new Float64Array(size)
    this.#items = new Int32Array(size)
  }

  offer(item: number, value: number): void {
    if (this.#count < this.#size) {
      this.#values[this.#count] = value
      this.#items[this.#count] = item
      this.#up(this.#count++)
    } else if (value > this.#values[0]!) {
      this.#values[0] = value
      this.#items[0] = item
      this.#down()
    }
  }

  /** Items by falling value; equal values by rising item, so that the order is always the same. */
  sorted(): number[] {
    return Array.from(this.#items.subarray(0, this.#count), (item, at) => ({
      item,
      value: this.#values[at]!,
    }))
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
      const end = Math.min(this.#count, at * 2 + 3)
      for (let child = at * 2 + 1; child < end; child++)
        if (this.#values[child]! < this.#values[least]!) least = child
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
