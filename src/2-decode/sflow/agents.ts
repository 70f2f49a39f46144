// Hot path. Agents behind one address: a device that passes on the sFlow of others sends for several, each with numbers of its own.

import type { Address } from '#lib/ip/address.ts'

const WORDS = 4
const FREE = 255

export class Agents {
  private readonly limit: number
  private readonly words: Int32Array
  /** 4, 6, 0 for an agent that does not tell its address, or FREE. */
  private readonly families: Uint8Array
  private used = 0

  constructor(limit: number) {
    this.limit = limit
    this.words = new Int32Array(limit * WORDS)
    this.families = new Uint8Array(limit)
  }

  /** The number of the agent with this address, in big-endian words; a new one gets one if it may and there is room, else -1. */
  numberOf(family: number, a: number, b: number, c: number, d: number, mayAdd: boolean): number {
    const { words, families, used } = this
    let free = -1
    for (let i = 0; i < used; i++) {
      const at = i * WORDS
      if (families[i] === FREE) free = i
      else if (words[at] === a && words[at + 3] === d && words[at + 1] === b && words[at + 2] === c)
        if (families[i] === family) return i
    }
    if (!mayAdd) return -1
    if (free < 0) {
      if (used >= this.limit) return -1
      free = this.used++
    }
    const at = free * WORDS
    words[at] = a
    words[at + 1] = b
    words[at + 2] = c
    words[at + 3] = d
    families[free] = family
    return free
  }

  /** The address of an agent; undefined when it did not tell one. */
  addressOf(number: number): Address | undefined {
    const { words, families } = this
    const word = (i: number) => BigInt((words[number * WORDS + i] ?? 0) >>> 0)
    switch (families[number]) {
      case 4:
        return { family: 4, value: word(0) }
      case 6:
        return { family: 6, value: (word(0) << 96n) | (word(1) << 64n) | (word(2) << 32n) | word(3) }
      default:
        return undefined
    }
  }

  /** Gives the number to somebody else. */
  free(number: number): void {
    if (number < this.used) this.families[number] = FREE
  }
}
