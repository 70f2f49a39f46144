// Lines for nft that put sources onto the temporary blacklist of a profile, and take them off its lists.

import { formatAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { ListedSet } from './listing.ts'
import { isNameable, ofCountermeasure, TABLE } from './names.ts'

export const BLOCKED_AT_ONCE_MAX = 10_000

export interface Lines {
  readonly lines: readonly string[]
  /** Why none of it is to be sent. */
  readonly wrong?: string
}

/** `seconds` stand beside the sources; who has none gets the time of the list. Who is on it already gets the time anew. */
export function blockLines(profile: string, sources: readonly string[], seconds: readonly number[]): Lines {
  if (!isNameable(profile)) return { lines: [], wrong: `"${profile.slice(0, 60)}" is no name of a profile` }
  const keys = keysOf(sources)
  if (keys.kind === 'wrong') return { lines: [], wrong: keys.wrong }
  const lines = keys.keys.flatMap(({ key, family }, at) => {
    const time = seconds[at]
    const set = `${time === undefined ? 'list' : 'timed'}${family}`
    const list = ofCountermeasure(profile, 'temporary-blacklist', set)
    const element = (text: string) => `element inet ${TABLE} ${list} { ${text} }`
    if (time === undefined) return [`add ${element(key)}`]
    // The kernel keeps the time of an element that is there: it is put there first, so that it can be taken away.
    return [`add ${element(key)}`, `delete ${element(key)}`, `add ${element(`${key} timeout ${time}s`)}`]
  })
  return { lines }
}

/** `count`: sources that are on a list. */
export function unblockLines(
  lists: readonly ListedSet[],
  sources: readonly string[],
): Lines & { readonly count: number } {
  const keys = keysOf(sources)
  if (keys.kind === 'wrong') return { lines: [], count: 0, wrong: keys.wrong }
  const wanted = new Set(keys.keys.map(({ key }) => key))
  const found = new Set<string>()
  const lines = lists.flatMap(({ name, timed }) =>
    timed.flatMap(({ key }) => {
      const [source = key] = key.split(' . ')
      if (!wanted.has(source)) return []
      found.add(source)
      return [`delete element inet ${TABLE} ${name} { ${key} }`]
    }),
  )
  return { lines, count: found.size }
}

type Keys =
  | { readonly kind: 'keys'; readonly keys: readonly { readonly key: string; readonly family: 4 | 6 }[] }
  | { readonly kind: 'wrong'; readonly wrong: string }

function keysOf(sources: readonly string[]): Keys {
  if (sources.length > BLOCKED_AT_ONCE_MAX)
    return { kind: 'wrong', wrong: `more than ${BLOCKED_AT_ONCE_MAX} sources at once` }
  const keys: { key: string; family: 4 | 6 }[] = []
  for (const text of sources) {
    const source = parsePrefix(text)
    if (source === undefined || source.length < (source.family === 6 ? 64 : 32))
      return {
        kind: 'wrong',
        wrong: `"${text.slice(0, 60)}" is no IPv4 address and no IPv6 prefix of 64 bits`,
      }
    const { family, value } = source
    keys.push({ key: formatAddress({ family, value: family === 6 ? (value >> 64n) << 64n : value }), family })
  }
  return { kind: 'keys', keys }
}
