// Mitigations that announce a route or a rule, for the tests of enforcers that speak BGP.

import type { Announcer } from '#6-policy/action.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'

/** Of the attack `id`; its communities are `65001:666` unless told otherwise. */
export function routeMitigation(
  id: string,
  prefix: string,
  enforcer: Announcer,
  attributes: { readonly nextHop?: string; readonly communities?: readonly string[] } = {},
): Mitigation {
  const nextHop = attributes.nextHop ?? (prefix.includes(':') ? '100::1' : '192.0.2.66')
  const { communities = ['65001:666'] } = attributes
  return {
    state: 'pending',
    id,
    attackId: id,
    target: prefix.split('/')[0] ?? '',
    action: { kind: 'blackhole', prefix, nextHop, communities, enforcer },
    reason: 'a test wants it',
    enforcer,
    ...EXAMPLE_LIFE,
    createdAt: 0,
    expiresAt: 60_000,
  }
}

/** Of the attack `id`: a FlowSpec rule. */
export function ruleMitigation(id: string, rule: string, enforcer: Announcer): Mitigation {
  const route = routeMitigation(id, '192.0.2.1/32', enforcer)
  return { ...route, action: { kind: 'filter', enforcer, rule } }
}
