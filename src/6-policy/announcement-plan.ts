// Which routes answer an attack: the host itself, or the network around it, as the operator configured.

import type { Attack } from '#4-detection/attack.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Announcer, BlackholeAction } from './action.ts'

/** One announcement that is configured: for attacks of this family, by this enforcer. */
export interface AnnouncementPlan {
  readonly enforcer: Announcer
  readonly family: 4 | 6
  /** Host: the attacked address. Network: the longest of our networks around it. */
  readonly scope: 'host' | 'network'
  /** Canonical address of the family. */
  readonly nextHop: string
  readonly communities: readonly string[]
}

/**
 * The routes of one plan for an attack. A host is announced only where one host is attacked: the addresses of an attack
 * on prefixes are nobody's in particular. A network is announced for each attacked prefix, every network once; a prefix
 * that lies in none of our networks gives none.
 */
export function routesFor(plan: AnnouncementPlan, attack: Attack, networks: PrefixSet): BlackholeAction[] {
  const { enforcer, nextHop, communities } = plan
  if (plan.family !== attack.family) return []
  return prefixesOf(plan, attack, networks).map(prefix => {
    return { kind: 'blackhole', prefix, nextHop, communities, enforcer }
  })
}

function prefixesOf({ scope }: AnnouncementPlan, attack: Attack, networks: PrefixSet): readonly string[] {
  const attacked = (attack.scope === 'host' ? [attack.host] : attack.prefixes)
    .map(parsePrefix)
    .filter(prefix => prefix !== undefined)
  if (scope === 'host') return attack.scope === 'host' ? attacked.map(formatPrefix) : []
  const around = attacked.map(prefix => networks.covering(prefix)).filter(network => network !== undefined)
  return [...new Set(around.map(formatPrefix))]
}
