// Draws numbers, addresses and bytes for made-up packets from a seed.

import { Random } from '../random.ts'

export class Draw {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return (((this.#random.next() >>> 0) * count) / 2 ** 32) >>> 0
  }

  /** A whole number, both ends included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0]
  }

  isOneIn(count: number): boolean {
    return this.below(count) === 0
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256))
  }

  /** `start` in hexadecimal, then bytes drawn at random up to `length`. */
  payload(start: string, length: number): Uint8Array {
    const head = Uint8Array.fromHex(start)
    if (length <= head.length) return head
    const all = this.bytes(length)
    all.set(head)
    return all
  }

  /** One of the first `hosts` addresses outside. */
  outside(hosts: number): string {
    const host = this.below(hosts) + 1
    return `198.${18 + ((host >> 16) & 1)}.${(host >> 8) & 255}.${host & 255}`
  }

  outside6(hosts: number): string {
    return `2001:db8:ffff::${(this.below(hosts) + 1).toString(16)}`
  }

  port(): number {
    return this.between(1024, 65_535)
  }
}

/** Text as hexadecimal. */
export const hexOf = (text: string): string => new TextEncoder().encode(text).toHex()
