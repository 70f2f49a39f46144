// A histogram of bounded size: the heaviest values of one field, by the Space-Saving rule (Metwally 2005).

/** Words of 32 bits a tally of so many values takes. */
export const tallyWords = (values: number): number => values * 2

/**
 * Counts weights per value in a fixed number of cells. A value without a cell takes over the lightest one with its
 * weight, so a weight is never too small, and is too large by at most the total divided by the number of cells.
 */
export class ShapeTally {
  readonly #values: Int32Array<ArrayBuffer>
  readonly #weights: Float32Array<ArrayBuffer>
  #used = 0

  /** Lives in `memory` from the byte `at` on, in `tallyWords(cells)` words. */
  constructor(memory: ArrayBuffer, at: number, cells: number) {
    this.#values = new Int32Array(memory, at, cells)
    this.#weights = new Float32Array(memory, at + cells * 4, cells)
  }

  clear(): void {
    this.#used = 0
    this.#weights.fill(0)
  }

  add(value: number, weight: number): void {
    const values = this.#values
    const weights = this.#weights
    const used = this.#used
    for (let i = 0; i < used; i++) {
      if (values[i] === value) {
        weights[i] = weights[i]! + weight
        return
      }
    }
    if (used < values.length) {
      values[used] = value
      weights[used] = weight
      this.#used = used + 1
      return
    }
    let lightest = 0
    for (let i = 1; i < used; i++) if (weights[i]! < weights[lightest]!) lightest = i
    values[lightest] = value
    weights[lightest] = weights[lightest]! + weight
  }

  /** Cells in use: all values there were, while they fit. */
  get size(): number {
    return this.#used
  }

  /** The heaviest value and its weight; value -1 when there is none. Of equal ones the first seen. */
  get top(): { readonly value: number; readonly weight: number } {
    let best = -1
    for (let i = 0; i < this.#used; i++) {
      if (best < 0 || this.#weights[i]! > this.#weights[best]!) best = i
    }
    return best < 0 ? { value: -1, weight: 0 } : { value: this.#values[best]!, weight: this.#weights[best]! }
  }

  /** All values that have a cell, heaviest first. */
  entries(): { readonly value: number; readonly weight: number }[] {
    return Array.from({ length: this.#used }, (_, i) => ({
      value: this.#values[i]!,
      weight: this.#weights[i]!,
    })).sort((a, b) => b.weight - a.weight || a.value - b.value)
  }
}
