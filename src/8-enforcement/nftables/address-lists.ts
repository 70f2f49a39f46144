// Lists of sources: white, black, and the temporary blacklist, which people and programs fill at run time.

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

export function addBlacklist(measure: Measure<'blacklist'>): void {
  const sets = measure.draft
    .addPrefixes(measure.named('told'), measure.read(measure.parameters.prefixes))
    .filter(({ family }) => measure.families.includes(family))
  measure.addChain(sets.map(({ family, set }) => `${WORDS[family].address} @${set} ${measure.verdict}`))
}

/** `pass` lets nobody in who is not in these countries. */
export function addGeo(measure: Measure<'geo'>): void {
  const { verdict, prefixes } = measure.parameters
  const sets = measure.draft.addPrefixes(measure.named('told'), measure.read(prefixes))
  const matched = (family: 4 | 6) => sets.filter(set => set.family === family)
  measure.addChain(
    measure.families.flatMap(family =>
      verdict === 'drop'
        ? matched(family).map(({ set }) => `${WORDS[family].address} @${set} ${measure.verdict}`)
        : [
            ...matched(family).map(({ set }) => `${WORDS[family].address} @${set} return`),
            `meta nfproto ipv${family} ${measure.verdict}`,
          ],
    ),
  )
}

export function addTemporaryBlacklist(measure: Measure<'temporary-blacklist'>): void {
  const { ttlSeconds } = measure.parameters
  measure.addChain(
    measure.families.flatMap(family => {
      const list = measure.named(`list${family}`)
      const timed = measure.named(`timed${family}`)
      const { type, source } = WORDS[family]
      const size = measure.place.sourcesMax
      for (const name of [list, timed])
        measure.draft.addSet({ name, type, kind: 'list', elements: [], size, timeoutSeconds: ttlSeconds })
      // Whose block was given a time of its own has it, whatever he sends.
      return [listedRule(measure, list, source, ttlSeconds), `${source} @${timed} ${measure.verdict}`]
    }),
  )
}

/** Whoever is listed stays so for the whole time again with each packet: it slides. */
export function listedRule(measure: Measure, list: string, key: string, ttlSeconds: number): string {
  const renewed = measure.isMonitor ? '' : ` update @${list} { ${key} timeout ${ttlSeconds}s }`
  return `${key} @${list}${renewed} ${measure.verdict}`
}
