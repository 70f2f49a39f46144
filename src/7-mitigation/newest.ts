// The newest so many of something, oldest first. Taking in and letting go cost the same however many there are.

export class Newest<Value> {
  readonly #most: number
  /** Those before `#first` are gone. */
  #values: (Value | undefined)[] = []
  #first = 0

  constructor(most: number) {
    this.#most = most
  }

  /** True: the oldest had to go for it. */
  push(value: Value): boolean {
    this.#values.push(value)
    if (this.size <= this.#most) return false
    this.shift()
    return true
  }

  /** Takes out the oldest. */
  shift(): Value | undefined {
    if (this.size === 0) return undefined
    const value = this.#values[this.#first]
    // What is gone is not held until its place goes too.
    this.#values[this.#first++] = undefined
    if (this.#first <= this.#most && this.size > 0) return value
    this.#values = this.#values.slice(this.#first)
    this.#first = 0
    return value
  }

  get oldest(): Value | undefined {
    return this.#values[this.#first]
  }

  get size(): number {
    return this.#values.length - this.#first
  }

  get all(): Value[] {
    return this.#values.slice(this.#first) as Value[]
  }
}
