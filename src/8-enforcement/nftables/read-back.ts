// What a listing says in the words of profiles: counters, sources that are blocked, and what a new ruleset takes over.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { BlockedSource, CountermeasureCounters } from '#7-mitigation/protection/profile.ts'
import type { ListedSet, ListedTable } from './listing.ts'
import { ofCountermeasure, readName } from './names.ts'
import type { Kept } from './ruleset.ts'

export interface ProfileCounters {
  readonly profile: string
  readonly countermeasure: CountermeasureName
  readonly counters: CountermeasureCounters
}

export interface Blocked extends BlockedSource {
  readonly profile: string
  readonly countermeasure: CountermeasureName
}

/** Lists are filled by the kernel with sources, or pairs of source and target. */
export const isList = (name: string): boolean => /^(?:list|pairs|timed)[46]$/.test(readName(name)?.what ?? '')

export const keptOf = (table: ListedTable, lists: readonly ListedSet[]): Kept => ({
  elements: new Map(lists.map(({ name, timed }) => [name, timed])),
  counts: table.counts,
})

/** In any order. */
export function isSame(told: readonly string[], listed: readonly string[]): boolean {
  const left = new Set(told)
  return left.size === listed.length && listed.every(element => left.has(withoutFullLength(element)))
}

const withoutFullLength = (element: string): string => element.replace(/^(.*:.*)\/128$|^([^:]*)\/32$/, '$1$2')

export function countersOf(table: ListedTable, lists: readonly ListedSet[]): ProfileCounters[] {
  const counters: ProfileCounters[] = []
  for (const [name, { packets }] of table.counts) {
    const own = readName(name)
    if (own?.what !== 'in') continue
    const { profile, countermeasure } = own
    const of = (what: string) => table.counts.get(ofCountermeasure(profile, countermeasure, what))
    const filled = lists.filter(set => {
      const listed = readName(set.name)
      return listed?.profile === profile && listed.countermeasure === countermeasure
    })
    const full = of('full')
    const dropped = of('drop')
    const sources = filled.reduce((sum, { elements }) => sum + elements.length, 0)
    counters.push({
      ...{ profile, countermeasure },
      counters: {
        inputPackets: packets,
        droppedPackets: dropped?.packets ?? 0,
        droppedBytes: dropped?.bytes ?? 0,
        ...(filled.length === 0 ? {} : { sources }),
        ...(full === undefined ? {} : { unmeasuredPackets: full.packets }),
      },
    })
  }
  return counters
}

export function blockedOf({ name, timed }: ListedSet): Blocked[] {
  const own = readName(name)
  if (own === undefined) return []
  const { profile, countermeasure } = own
  return timed.map(({ key, expiresSeconds }) => {
    const [source = key, target] = key.split(' . ')
    const text = source.includes(':') ? `${source}/64` : source
    return {
      ...{ profile, countermeasure, source: text, remainingSeconds: expiresSeconds },
      ...(target === undefined ? {} : { target }),
    }
  })
}
