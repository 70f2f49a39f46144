// Why a route can never be sent. BGP daemons check little: gobgpd turns a prefix it cannot read into 0.0.0.0/32, masks
// host bits without a word, and sends a /64 of IPv4 for which routers reset the session.

import type { Route } from '#6-policy/action.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { hasHostBits, parsePrefix } from '#lib/ip/prefix.ts'
import { parseCommunity } from './community.ts'

/** A sentence for each reason; none: it can be sent. */
export function routeProblems({ prefix, nextHop, communities }: Route): string[] {
  const parsed = parsePrefix(prefix)
  if (parsed === undefined) return [`"${prefix}" is no prefix such as 192.0.2.1/32`]
  const problems: string[] = []
  if (hasHostBits(prefix)) problems.push(`${prefix} has bits set beyond its length: clear them`)
  if (parsed.length === 0) problems.push('a default route is never announced')
  if (parseAddress(nextHop)?.family !== parsed.family)
    problems.push(
      `the next hop of an IPv${parsed.family} route is an IPv${parsed.family} address, not "${nextHop}"`,
    )
  for (const text of communities) {
    if (parseCommunity(text) === undefined)
      problems.push(`"${text}" is no community such as 65001:666 or 65001:666:1`)
  }
  return problems
}
