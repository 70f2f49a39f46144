// Who in a capture gets most packets, or sends most of them, and which packets are those.

import type { Sample } from '#2-decode/sample.ts'
import { addressOfWord, addressOfWords } from '#3-traffic/network-table.ts'
import type { Wish } from '#5-evidence/distill/choose-victim.ts'
import type { Address } from '#lib/ip/address.ts'
import { contains } from '#lib/ip/prefix.ts'

/** Addresses that are told apart; those that come later are not counted. */
const ADDRESSES_MAX = 1 << 18

interface Counted {
  readonly address: Address
  readonly key: string | number
  packets: number
}

export class CaptureCensus {
  readonly #wish: Wish
  readonly #isOutgoing: boolean
  readonly #counts = new Map<string | number, Counted>()
  #within = 0
  #most: Counted | undefined

  constructor(wish: Wish) {
    this.#wish = wish
    this.#isOutgoing = wish.direction === 'outgoing'
  }

  count(sample: Sample): void {
    const { target } = this.#wish
    if (target !== undefined && !contains(target, targetOf(sample))) return
    this.#within++
    const key = this.#keyOf(sample)
    let entry = this.#counts.get(key)
    if (entry === undefined) {
      if (this.#counts.size >= ADDRESSES_MAX) return
      entry = { address: this.#isOutgoing ? sourceOf(sample) : targetOf(sample), key, packets: 0 }
      this.#counts.set(key, entry)
    }
    entry.packets++
    if (this.#most === undefined || entry.packets > this.#most.packets) this.#most = entry
  }

  /** The host the capture is about; `undefined` when a target was told that is no single host. */
  get host(): Address | undefined {
    return this.#isByHost ? this.#most?.address : undefined
  }

  /** Packets that `isWanted` will find. */
  get wanted(): number {
    return this.#isByHost ? (this.#most?.packets ?? 0) : this.#within
  }

  isWanted(sample: Sample): boolean {
    const { target } = this.#wish
    if (target !== undefined && !contains(target, targetOf(sample))) return false
    return !this.#isByHost || this.#keyOf(sample) === this.#most?.key
  }

  /** An incoming attack on a target that was told is on all of it. */
  get #isByHost(): boolean {
    return this.#isOutgoing || this.#wish.target === undefined
  }

  #keyOf(sample: Sample): string | number {
    if (this.#isOutgoing) {
      const { family, sourceA, sourceB, sourceC, sourceD } = sample
      return family === 4 ? sourceA : `${sourceA} ${sourceB} ${sourceC} ${sourceD}`
    }
    const { family, targetA, targetB, targetC, targetD } = sample
    return family === 4 ? targetA : `${targetA} ${targetB} ${targetC} ${targetD}`
  }
}

export const targetOf = ({ family, targetA, targetB, targetC, targetD }: Sample): Address =>
  family === 6 ? addressOfWords(targetA, targetB, targetC, targetD) : addressOfWord(targetA)

export const sourceOf = ({ family, sourceA, sourceB, sourceC, sourceD }: Sample): Address =>
  family === 6 ? addressOfWords(sourceA, sourceB, sourceC, sourceD) : addressOfWord(sourceA)
