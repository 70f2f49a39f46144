// A ruleset while it is put together, and what countermeasures write into it.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { Parameters } from '#7-mitigation/protection/profile.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { ofCountermeasure } from './names.ts'
import type { ProtectionPlace } from './place.ts'
import type { ChainDeclaration, Ruleset, SetDeclaration } from './ruleset.ts'

export type Family = 4 | 6

/** How the addresses of a family are written in rules. */
export interface FamilyWords {
  readonly family: Family
  readonly type: 'ipv4_addr' | 'ipv6_addr'
  readonly target: string
  /** The whole address. */
  readonly address: string
  /** What stands for a sender: whoever has an IPv6 address has the 64 bits below as well. */
  readonly source: string
}

export const WORDS: Readonly<Record<Family, FamilyWords>> = {
  4: { family: 4, type: 'ipv4_addr', target: 'ip daddr', address: 'ip saddr', source: 'ip saddr' },
  6: {
    family: 6,
    type: 'ipv6_addr',
    target: 'ip6 daddr',
    address: 'ip6 saddr',
    source: 'ip6 saddr & ffff:ffff:ffff:ffff::',
  },
}

export class Draft {
  readonly #sets: SetDeclaration[] = []
  readonly #counters: string[] = []
  readonly #chains: ChainDeclaration[] = []
  /** Why nothing of it may be applied. */
  readonly refusals: string[] = []
  /** What cannot be carried out here, beside all else. */
  readonly notes: string[] = []

  get ruleset(): Ruleset {
    return { sets: this.#sets, counters: this.#counters, chains: this.#chains }
  }

  addSet(set: SetDeclaration): void {
    this.#sets.push(set)
  }

  addCounter(name: string): void {
    this.#counters.push(name)
  }

  addChain(chain: ChainDeclaration): void {
    this.#chains.push(chain)
  }

  /** Reads prefixes; the first that is none is a reason to refuse everything. */
  read(what: string, texts: readonly string[]): Prefix[] {
    const prefixes: Prefix[] = []
    for (const text of texts) {
      const prefix = parsePrefix(text)
      if (prefix !== undefined) prefixes.push(prefix)
      else {
        this.refusals.push(`${what}: "${text.slice(0, 60)}" is no prefix`)
        return prefixes
      }
    }
    return prefixes
  }

  /**
   * Declares sets of told prefixes and gives their names by family. Single addresses have sets of their own: the kernel
   * finds and loads them several times faster than prefixes.
   */
  addPrefixes(
    name: string,
    prefixes: readonly Prefix[],
  ): { readonly family: Family; readonly set: string }[] {
    return ([4, 6] as const).flatMap(family => {
      const own = prefixes.filter(prefix => prefix.family === family)
      const isHost = ({ length }: Prefix): boolean => length === bitsOf(family)
      const nets = withoutInner(own.filter(prefix => !isHost(prefix)))
      const single = own.filter(prefix => isHost(prefix) && !isWithin(prefix, nets))
      const hosts = [...new Set(single.map(prefix => formatAddress(prefix)))]
      const { type } = WORDS[family]
      const made: { family: Family; set: string }[] = []
      for (const [what, kind, elements] of [
        ['hosts', 'addresses', hosts],
        ['nets', 'prefixes', nets.map(formatPrefix)],
      ] as const) {
        if (elements.length === 0) continue
        const set = `${name}/${what}${family}`
        made.push({ family, set })
        // A hash set that knows how much will come is filled a quarter faster.
        this.addSet({
          name: set,
          type,
          kind,
          elements,
          ...(kind === 'addresses' ? { size: elements.length } : {}),
        })
      }
      return made
    })
  }
}

/** Prefixes of one family that lie in no other of the list, in order. */
export function withoutInner(prefixes: readonly Prefix[]): Prefix[] {
  const sorted = prefixes.toSorted((a, b) =>
    a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length,
  )
  const outer: Prefix[] = []
  let end = -1n
  for (const prefix of sorted) {
    if (prefix.value <= end) continue
    end = lastOf(prefix)
    outer.push(prefix)
  }
  return outer
}

const lastOf = ({ family, value, length }: Prefix): bigint =>
  value + (1n << BigInt(bitsOf(family) - length)) - 1n

/** Whether one of these, in order and none in another, holds it. */
export function isWithin({ value }: Prefix, outer: readonly Prefix[]): boolean {
  let low = 0
  let high = outer.length
  while (low < high) {
    const middle = (low + high) >> 1
    const prefix = outer[middle]
    if (prefix !== undefined && prefix.value <= value) low = middle + 1
    else high = middle
  }
  const candidate = outer[low - 1]
  return candidate !== undefined && value <= lastOf(candidate)
}

/** One countermeasure of one profile, as its writer sees it. */
export class Measure<Name extends CountermeasureName = CountermeasureName> {
  readonly draft: Draft
  readonly id: string
  readonly name: Name
  readonly parameters: NonNullable<Parameters[Name]>
  readonly place: ProtectionPlace
  readonly families: readonly Family[]
  /** Packets are only counted. */
  readonly isMonitor: boolean

  constructor(made: {
    readonly draft: Draft
    readonly id: string
    readonly name: Name
    readonly parameters: NonNullable<Parameters[Name]>
    readonly place: ProtectionPlace
    readonly families: readonly Family[]
    readonly isMonitor: boolean
  }) {
    this.draft = made.draft
    this.id = made.id
    this.name = made.name
    this.parameters = made.parameters
    this.place = made.place
    this.families = made.families
    this.isMonitor = made.isMonitor
  }

  named(what?: string): string {
    return ofCountermeasure(this.id, this.name, what)
  }

  /** Counts what came to it; the counter is declared here, once. */
  counted(what: string): string {
    this.draft.addCounter(this.named(what))
    return `counter name ${this.named(what)}`
  }

  /** What becomes of a packet that is to be dropped. Whoever only watches sends it on, past the rest of the countermeasure. */
  get verdict(): string {
    return `counter name ${this.named('drop')} ${this.isMonitor ? 'return' : 'drop'}`
  }

  refuse(what: string): void {
    this.draft.refusals.push(`profile ${this.id}: ${this.name}: ${what}`)
  }

  read(texts: readonly string[]): Prefix[] {
    return this.draft.read(`profile ${this.id}: its ${this.name}`, texts)
  }

  note(what: string): void {
    this.draft.notes.push(`profile ${this.id}: ${this.name}: ${what}`)
  }

  /** Its main chain; what comes here is counted first. */
  addChain(rules: readonly string[]): void {
    const counted = this.counted('in')
    this.draft.addCounter(this.named('drop'))
    this.draft.addChain({ name: this.named(), rules: [counted, ...rules] })
  }
}
