// A ruleset while it is put together, and what countermeasures write into it.

import type { CountermeasureName, Parameters } from '#7-mitigation/protection/profile.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
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

  /**
   * Declares sets of told prefixes and gives their names by family. Single addresses have sets of their own: the kernel
   * finds and loads them several times faster than prefixes.
   */
  addPrefixes(
    name: string,
    prefixes: readonly Prefix[],
  ): { readonly family: Family; readonly set: string }[] {
    const outer = withoutInner(prefixes)
    return ([4, 6] as const).flatMap(family => {
      const own = outer.filter(prefix => prefix.family === family)
      const isHost = ({ length }: Prefix): boolean => length === bitsOf(family)
      const hosts = own.filter(isHost).map(prefix => formatAddress(prefix))
      const nets = own.filter(prefix => !isHost(prefix)).map(formatPrefix)
      const { type } = WORDS[family]
      const made: { family: Family; set: string }[] = []
      if (hosts.length > 0) {
        made.push({ family, set: `${name}/hosts${family}` })
        this.addSet({ name: `${name}/hosts${family}`, type, kind: 'addresses', elements: hosts })
      }
      if (nets.length > 0) {
        made.push({ family, set: `${name}/nets${family}` })
        this.addSet({ name: `${name}/nets${family}`, type, kind: 'prefixes', elements: nets })
      }
      return made
    })
  }
}

/** Prefixes of the list that lie in no other of it, in order. */
export function withoutInner(prefixes: readonly Prefix[]): Prefix[] {
  const sorted = prefixes.toSorted(
    (a, b) => a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length),
  )
  const outer: Prefix[] = []
  let family = 0
  let end = -1n
  for (const prefix of sorted) {
    if (prefix.family === family && prefix.value <= end) continue
    family = prefix.family
    end = prefix.value + (1n << BigInt(bitsOf(prefix.family) - prefix.length)) - 1n
    outer.push(prefix)
  }
  return outer
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
