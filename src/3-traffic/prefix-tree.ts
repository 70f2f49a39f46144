// The ladder: covering prefixes of the hosts that have traffic, each inside one of our networks.
//
// A host joins the longest rung (/24 or /64; the network itself when that is longer), a rung its next shorter one, so a
// prefix exists as long as something in it does. The number of prefixes is bounded: the longest rung of a family takes
// seven eighths at most, and where it finds no room a host joins the next shorter one, where sums are as true.

import { type Address, bitsOf } from '#lib/ip/address.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

export const RUNGS: Readonly<Record<4 | 6, readonly number[]>> = { 4: [24, 22, 20, 16], 6: [64, 56, 48] }

/** A prefix of the ladder. */
export interface Rung {
  /** From 1. */
  readonly number: number
  readonly prefix: Prefix
  readonly parent: Rung | undefined
  /** Hosts and longer rungs that are in it directly, and whoever holds it besides. */
  members: number
}

/** Prefixes at most, and of the longest rungs alone. */
export const RUNGS_MAX = 65_536
const LONGEST_MAX = (RUNGS_MAX / 8) * 7

export class PrefixTree {
  readonly #rungs: (Rung | undefined)[] = [undefined]
  readonly #free: number[] = []
  /** By family and length: rungs by the leading bits. */
  readonly #byBits = new Map<number, Map<number | bigint, Rung>>()
  readonly #max: { readonly all: number; readonly longest: number }
  #longest = 0
  /** What the host before has joined, for a network of this length, and the last address in it. */
  #last: { readonly rung: Rung; readonly networkLength: number; readonly end: bigint } | undefined
  count = 0
  /** Times a host or rung found no room on its rung and joined a shorter one, or none. */
  refused = 0

  constructor(max = RUNGS_MAX) {
    this.#max = { all: max, longest: Math.min(LONGEST_MAX, Math.ceil((max / 8) * 7)) }
  }

  at(number: number): Rung | undefined {
    return this.#rungs[number]
  }

  /** The longest rung with room that holds the address and lies within its network of that length; one member more. */
  join(address: Address, networkLength: number): Rung | undefined {
    const again = this.#again(address, networkLength)
    if (again !== undefined) return again
    const lengths = WITHIN[address.family][networkLength] ?? []
    for (let rung = 0; rung < lengths.length; rung++) {
      const found = this.#rung(address, lengths, rung)
      if (found !== undefined) {
        found.members++
        if (rung === 0) this.#last = { rung: found, networkLength, end: lastOf(found.prefix) }
        return found
      }
      this.refused++
    }
    return undefined
  }

  /** Hosts come in the order of their addresses: mostly one joins the longest rung that the one before has joined. */
  #again({ family, value }: Address, networkLength: number): Rung | undefined {
    if (this.#last?.networkLength !== networkLength) return undefined
    const { rung, end } = this.#last
    const { prefix } = rung
    if (prefix.family !== family || value < prefix.value || value > end) return undefined
    if (this.#rungs[rung.number] !== rung) return undefined
    rung.members++
    return rung
  }

  /** This very prefix, which lies within its network of that length; one member more. `undefined` without room. */
  hold(prefix: Prefix, networkLength: number): Rung | undefined {
    const wider = (WITHIN[prefix.family][networkLength] ?? []).filter(length => length < prefix.length)
    const found = this.#rung(prefix, [prefix.length, ...wider], 0)
    if (found !== undefined) found.members++
    else this.refused++
    return found
  }

  /** The rung of this length: `undefined` when it is not there and there is no room for it. */
  #rung(address: Address, lengths: readonly number[], rung: number): Rung | undefined {
    const length = lengths[rung] ?? 0
    const { family } = address
    const known = this.#byBits.get(keyOf(family, length))?.get(bitsAt(address, length))
    if (known !== undefined || this.#isFull(family, length)) return known
    const shorter = rung + 1 < lengths.length ? this.#rung(address, lengths, rung + 1) : undefined
    if (this.#isFull(family, length)) {
      // The shorter one took the last place: it goes again, unless others are in it.
      if (shorter?.members === 0) this.#remove(shorter)
      return undefined
    }
    if (shorter !== undefined) shorter.members++
    const drop = BigInt(bitsOf(family) - length)
    const prefix: Prefix = { family, value: (address.value >> drop) << drop, length }
    return this.#add({ number: this.#free.pop() ?? this.#rungs.length, prefix, parent: shorter, members: 0 })
  }

  #isFull(family: 4 | 6, length: number): boolean {
    return (
      this.count >= this.#max.all || (isLongestRung(family, length) && this.#longest >= this.#max.longest)
    )
  }

  #add(rung: Rung): Rung {
    const { family, length } = rung.prefix
    const key = keyOf(family, length)
    const table = this.#byBits.get(key) ?? new Map<number | bigint, Rung>()
    this.#byBits.set(key, table)
    table.set(bitsAt(rung.prefix, length), rung)
    this.#rungs[rung.number] = rung
    this.count++
    if (isLongestRung(family, length)) this.#longest++
    return rung
  }

  /** One member less; a rung without members is gone, and may take shorter ones with it. */
  leave(rung: Rung): void {
    rung.members--
    if (rung.members === 0) this.#remove(rung)
  }

  #remove({ prefix, number, parent }: Rung): void {
    this.#byBits.get(keyOf(prefix.family, prefix.length))?.delete(bitsAt(prefix, prefix.length))
    this.#rungs[number] = undefined
    this.#free.push(number)
    this.count--
    if (isLongestRung(prefix.family, prefix.length)) this.#longest--
    if (parent !== undefined) this.leave(parent)
  }
}

const lastOf = ({ family, value, length }: Prefix): bigint =>
  value + (1n << BigInt(bitsOf(family) - length)) - 1n

const isLongestRung = (family: 4 | 6, length: number): boolean => length >= (RUNGS[family][0] ?? 0)

const keyOf = (family: 4 | 6, length: number): number => family * 256 + length

/** The first `length` bits; as a number where it holds them exactly, since tables find those faster. */
function bitsAt({ family, value }: Address, length: number): number | bigint {
  const bits = value >> BigInt(bitsOf(family) - length)
  return length <= 52 ? Number(bits) : bits
}

/** Rungs of a family that are not wider than a network of that length, longest first. */
const within = (family: 4 | 6) => (_: unknown, networkLength: number) => {
  const lengths = RUNGS[family].filter(length => length >= networkLength)
  return lengths.length === 0 ? [networkLength] : lengths
}

const WITHIN: Readonly<Record<4 | 6, readonly (readonly number[])[]>> = {
  4: Array.from({ length: 33 }, within(4)),
  6: Array.from({ length: 129 }, within(6)),
}
