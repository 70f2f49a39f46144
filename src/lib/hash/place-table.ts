// Which of a fixed number of places has a key: open addressing with linear probing (Knuth, The Art of Computer Programming,
// 6.4, algorithms L and R). A Map in which keys come and go is made anew time and again; this is two arrays for good.

import { assert } from '#lib/assert.ts'

export class PlaceTable {
  readonly #most: number
  readonly #mask: number
  readonly #keys: Int32Array
  /** 1 + the place of the key; 0: no key stands here. */
  readonly #places: Int32Array
  #size = 0

  /** Takes at most so many keys, and twice the room. */
  constructor(most: number) {
    this.#most = most
    const room = 2 ** Math.ceil(Math.log2(2 * most))
    this.#mask = room - 1
    this.#keys = new Int32Array(room)
    this.#places = new Int32Array(room)
  }

  get size(): number {
    return this.#size
  }

  /** The place of a key, 32 bits whose low ones differ from key to key; -1: it has none. */
  find(key: number): number {
    return this.#places[this.#seek(key)]! - 1
  }

  /** Gives a place to a key that has none. */
  put(key: number, place: number): void {
    const at = this.#seek(key)
    assert(this.#places[at] === 0 && this.#size < this.#most, 'a key is put once, and there is room for it')
    this.#keys[at] = key
    this.#places[at] = place + 1
    this.#size++
  }

  /** Whoever stands behind the key, and would stand here if it had never been, moves up. */
  remove(key: number): void {
    let hole = this.#seek(key)
    if (this.#places[hole] === 0) return
    this.#size--
    for (let at = this.#next(hole); this.#places[at] !== 0; at = this.#next(at)) {
      const home = this.#keys[at]! & this.#mask
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue
      this.#keys[hole] = this.#keys[at]!
      this.#places[hole] = this.#places[at]!
      hole = at
    }
    this.#places[hole] = 0
  }

  /** Where the key stands, or would. */
  #seek(key: number): number {
    let at = key & this.#mask
    while (this.#places[at] !== 0 && this.#keys[at] !== (key | 0)) at = this.#next(at)
    return at
  }

  #next(at: number): number {
    return (at + 1) & this.#mask
  }
}
