// A seeded stream of 32-bit numbers (Marsaglia's xorshift128): the same seed gives the same traffic on every machine.

export class Random {
  #a: number
  #b = 0x6c07_8965
  #c = 0x1f12_3bb5
  #d = 0x159a_55e5

  constructor(seed: number) {
    this.#a = (Math.imul(seed, 0x9e37_79b1) ^ 0x075b_cd15) | 0
    // The first numbers of close seeds resemble one another.
    for (let skipped = 0; skipped < 32; skipped++) this.next()
  }

  /** The next 32 bits, as a signed number. */
  next(): number {
    const mixed = this.#a ^ (this.#a << 11)
    this.#a = this.#b
    this.#b = this.#c
    this.#c = this.#d
    this.#d = this.#d ^ (this.#d >>> 19) ^ mixed ^ (mixed >>> 8)
    return this.#d
  }
}
