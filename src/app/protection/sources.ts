// Sources that somebody wants blocked, or let go: IPv4 addresses, and IPv6 prefixes of 64 bits, for a sender has all of these.

import { formatAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'

export const SOURCES_AT_ONCE_MAX = 10_000

export type ReadSources =
  | { readonly kind: 'read'; readonly sources: readonly string[] }
  | { readonly kind: 'wrong'; readonly error: string }

/** Each once, as lists of blocked sources show them. */
export function readSources(texts: readonly string[]): ReadSources {
  if (texts.length === 0) return { kind: 'wrong', error: 'no source is named' }
  if (texts.length > SOURCES_AT_ONCE_MAX)
    return { kind: 'wrong', error: `more than ${SOURCES_AT_ONCE_MAX} sources at once` }
  const sources = new Set<string>()
  for (const text of texts) {
    const prefix = parsePrefix(text)
    if (prefix === undefined || prefix.length < (prefix.family === 6 ? 64 : 32))
      return { kind: 'wrong', error: `${JSON.stringify(text.slice(0, 60))} is no source` }
    const { family, value } = prefix
    sources.add(
      family === 4 ? formatAddress(prefix) : `${formatAddress({ family, value: (value >> 64n) << 64n })}/64`,
    )
  }
  return { kind: 'read', sources: [...sources] }
}
