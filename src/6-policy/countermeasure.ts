// Countermeasures of protection profiles, as far as policy speaks of them: which one answers an attack, and in which profile.

import type { Attack } from '#4-detection/attack.ts'
import { VECTORS } from '#4-detection/vectors.ts'
import { contains, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

/** What can be done to traffic of a profile, by the names of the field: see docs/glossary.md. */
export const COUNTERMEASURES = [
  'whitelist',
  'blacklist',
  'temporary-blacklist',
  'geo',
  'header-sanity',
  'fragments',
  'acl',
  'source-limit',
  'syn-proxy',
  'connection-rate',
  'connection-limit',
  'rate-limit',
  'target-rate-limit',
  'filter',
] as const
export type CountermeasureName = (typeof COUNTERMEASURES)[number]

/** Enforcers that carry countermeasures. */
export const PROTECTORS = ['nftables', 'mitigator'] as const
export type Protector = (typeof PROTECTORS)[number]

/** What policy has to know of a protection profile. */
export interface ProfileMeans {
  readonly id: string
  readonly enforcer: Protector
  readonly prefixes: readonly Prefix[]
  readonly countermeasures: readonly CountermeasureName[]
  /** It answers where no other one covers the target. */
  readonly isDefault: boolean
}

/** From a vector, a type such as `syn_flood`, a protocol, or `else` to what answers it. */
export type CountermeasureTable = Readonly<Record<string, CountermeasureName>>

/** In a table: whatever no other word says. */
export const ELSE = 'else'

/** MITIGATOR's own: a SYN flood or TCP, then ICMP, else by source. */
export const USUAL_TABLE: CountermeasureTable = {
  syn_flood: 'syn-proxy',
  tcp: 'syn-proxy',
  icmp_flood: 'acl',
  icmp: 'acl',
  else: 'source-limit',
}

/** One for each vector of the attack, or one by its type; what is said in `table` goes before the usual. */
export function chooseCountermeasures(
  { finding, type, protocol }: Pick<Attack, 'finding' | 'type' | 'protocol'>,
  table: CountermeasureTable = {},
): CountermeasureName[] {
  const all: CountermeasureTable = { ...USUAL_TABLE, ...table }
  const rows = (finding?.parts ?? []).flatMap(part => VECTORS.find(({ name }) => name === part.vector) ?? [])
  const told = rows.map(({ name, fastnetmon }) => [name, fastnetmon.type, fastnetmon.protocol])
  const words = told.length === 0 ? [[type, protocol]] : told
  return [...new Set(words.flatMap(some => all[some.find(word => Object.hasOwn(all, word)) ?? ELSE] ?? []))]
}

/** The profile around a target: the one that is named, else the closest, else the default one. */
export function profileAround(
  profiles: readonly ProfileMeans[],
  target: Prefix,
  name?: string,
): ProfileMeans | undefined {
  const around = profiles
    .filter(({ id }) => name === undefined || id === name)
    .flatMap(profile => {
      const length = profile.prefixes
        .filter(prefix => contains(prefix, target))
        .reduce((longest, prefix) => Math.max(longest, prefix.length), -1)
      return length < 0 ? [] : [{ profile, length: profile.isDefault ? -1 : length }]
    })
  return around.toSorted((a, b) => b.length - a.length)[0]?.profile
}

/** What is attacked, as prefixes. */
export const targetsOf = ({ scope, host, prefixes }: Attack): Prefix[] =>
  (scope === 'host' ? [host] : prefixes).flatMap(text => parsePrefix(text) ?? [])
