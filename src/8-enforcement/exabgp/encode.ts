// A route as a command of ExaBGP's text API, letter for letter as FastNetMon writes it.

import type { RouteChange } from '#7-mitigation/desired-routes.ts'

/**
 * `announce route 192.0.2.1/32 next-hop 192.0.2.66 community [65001:666 65001:777]` or
 * `withdraw route 192.0.2.1/32 next-hop 192.0.2.66`, with the end of the line. One community stands without brackets.
 */
export function commandOf({ kind, route }: RouteChange): string {
  const { prefix, nextHop, communities } = route
  return `${kind} route ${prefix} next-hop ${nextHop}${kind === 'announce' ? communityText(communities) : ''}\n`
}

function communityText(communities: readonly string[]): string {
  if (communities.length === 0) return ''
  return communities.length === 1 ? ` community ${communities[0]}` : ` community [${communities.join(' ')}]`
}
