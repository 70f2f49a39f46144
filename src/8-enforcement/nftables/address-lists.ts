// Lists of sources: white, black, and the temporary blacklist, which people and programs fill at run time.

import type { Prefix } from '#lib/ip/prefix.ts'
import { type Measure, WORDS } from './draft.ts'

/** Whoever is on it leaves the profile. Gives the rules of the profile's own chain: only from there it can be left. */
export function whitelistRules(measure: Measure<'whitelist'>, sets: readonly WhiteSet[]): string[] {
  const counted = measure.counted('in')
  measure.draft.addCounter(measure.named('drop'))
  return sets.map(({ family, set }) =>
    `${WORDS[family].address} @${set} ${counted} ${measure.isMonitor ? '' : 'return'}`.trimEnd(),
  )
}

export interface WhiteSet {
  readonly family: 4 | 6
  readonly set: string
}

export function addBlacklist(measure: Measure<'blacklist'>, prefixes: readonly Prefix[]): void {
  const sets = measure.draft
    .addPrefixes(measure.named('told'), prefixes)
    .filter(({ family }) => measure.families.includes(family))
  measure.addChain(sets.map(({ family, set }) => `${WORDS[family].address} @${set} ${measure.verdict}`))
}

export function addTemporaryBlacklist(measure: Measure<'temporary-blacklist'>): void {
  const { ttlSeconds, isProgressive } = measure.parameters
  if (isProgressive) measure.note('the kernel knows no progressive block time: each block lasts ttlSeconds')
  measure.addChain(
    measure.families.flatMap(family => {
      const list = measure.named(`list${family}`)
      measure.draft.addSet({
        ...{ name: list, type: WORDS[family].type, kind: 'list', elements: [] },
        ...{ size: measure.place.sourcesMax, timeoutSeconds: ttlSeconds },
      })
      return [listedRule(measure, list, WORDS[family].source, ttlSeconds)]
    }),
  )
}

/** Whoever is listed stays so for the whole time again with each packet: it slides. */
export function listedRule(measure: Measure, list: string, key: string, ttlSeconds: number): string {
  const renewed = measure.isMonitor ? '' : ` update @${list} { ${key} timeout ${ttlSeconds}s }`
  return `${key} @${list}${renewed} ${measure.verdict}`
}
