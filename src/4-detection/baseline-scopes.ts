// For whom limits are learned: the hosts of each hostgroup, those of each network that belong to none, and all of these.

import { HostgroupTable, prefixesOf } from '#3-traffic/hostgroup.ts'
import { NetworkTable } from '#3-traffic/network-table.ts'
import type { Address } from '#lib/ip/address.ts'
import { formatPrefix, overlaps, type Prefix } from '#lib/ip/prefix.ts'
import type { Subject } from './baseline-hour.ts'
import type { HostgroupConfig } from './config.ts'

export interface LearningScope {
  readonly kind: 'global' | 'hostgroup' | 'network'
  /** `global`, the name of the hostgroup, or the prefix. */
  readonly name: string
  readonly prefixes: readonly Prefix[]
  /** For whom there are limits here. */
  readonly subjects: readonly Subject[]
}

type Hostgroups = Readonly<Record<string, HostgroupConfig>>

/** More are not learned: hostgroups come first, then networks in the order of the configuration. */
export const SCOPES_MAX = 64
export const NOT_LEARNED = -1

/** Name of the hostgroup that carries what was learned for a network. */
export const groupNameOf = (network: string): string =>
  `network-${network.replaceAll(':', '.').replace('/', '-')}`

/** The group carries what was learned for its only network, by whomever it was written. */
const isOfNetwork = (name: string, { networks }: HostgroupConfig): boolean =>
  networks.length === 1 && networks[0] !== undefined && name === groupNameOf(networks[0])

/** Groups that stand for themselves. */
const written = (hostgroups: Hostgroups): [string, HostgroupConfig][] =>
  Object.entries(hostgroups).filter(([name, group]) => !isOfNetwork(name, group))

/** The scopes of a configuration, `global` first, and how many found no room. */
export function scopesOf(networks: readonly Prefix[], hostgroups: Hostgroups) {
  const groups = written(hostgroups)
  const isSingle = networks.length === 1
  const all: LearningScope[] = [
    { kind: 'global', name: 'global', prefixes: [], subjects: ['host'] },
    ...groups
      .filter(([, { enableBan }]) => enableBan)
      .map(([name, group]): LearningScope => {
        return { kind: 'hostgroup', name, prefixes: prefixesOf(group.networks), subjects: ['host', 'total'] }
      }),
    ...networks.map((prefix): LearningScope => {
      // The hosts of an only network are all hosts.
      const subjects = isSingle ? (['total'] as const) : (['host', 'total'] as const)
      return { kind: 'network', name: formatPrefix(prefix), prefixes: [prefix], subjects }
    }),
  ]
  return { scopes: all.slice(0, SCOPES_MAX), left: Math.max(0, all.length - SCOPES_MAX) }
}

/** Scopes by their number in `scopes`, `NOT_LEARNED` for none. */
export class ScopeTable {
  readonly scopes: readonly LearningScope[]
  /** Scopes that found no room. */
  readonly left: number
  /** By scope: the one its hosts belong to as well. */
  readonly above: Int32Array
  /** All scopes but `global`, each before the one above it. */
  readonly upwards: readonly number[]
  readonly #groups: HostgroupTable
  readonly #numbers: ReadonlyMap<string, number>
  readonly #networks: NetworkTable<number>

  /** `isOn`: whether anything is learned at all. */
  constructor(networks: readonly Prefix[], hostgroups: Hostgroups, isOn = true) {
    const { scopes, left } = isOn ? scopesOf(networks, hostgroups) : { scopes: [], left: 0 }
    this.scopes = scopes
    this.left = left
    this.#groups = new HostgroupTable(Object.fromEntries(written(hostgroups)))
    this.#numbers = new Map(
      scopes.flatMap(({ kind, name }, number) => (kind === 'hostgroup' ? [[name, number] as const] : [])),
    )
    const ofNetworks = scopes.flatMap(({ kind, prefixes: [prefix] }, number) =>
      kind === 'network' && prefix !== undefined ? [[prefix, number] as const] : [],
    )
    this.#networks = new NetworkTable(ofNetworks)
    this.above = new Int32Array(scopes.length).fill(NOT_LEARNED)
    for (const [prefix, number] of ofNetworks)
      this.above[number] = this.#networks.longest(prefix, prefix.length)?.value ?? 0
    const length = (number: number) => scopes[number]?.prefixes[0]?.length ?? 0
    this.upwards = [...scopes.keys()].slice(1).sort((a, b) => length(b) - length(a))
  }

  /** The scope a host counts for first. */
  scopeOf(address: Address): number {
    const group = this.#groups.groupOf(address)
    if (group !== undefined) return this.#numbers.get(group) ?? NOT_LEARNED
    return this.#networks.longest(address)?.value ?? (this.scopes.length > 0 ? 0 : NOT_LEARNED)
  }

  /** All scopes with hosts in this prefix; `global` has no prefixes of its own. */
  within(prefix: Prefix): number[] {
    return [...this.scopes.keys()].filter(number =>
      this.scopes[number]?.prefixes.some(own => overlaps(own, prefix)),
    )
  }
}
