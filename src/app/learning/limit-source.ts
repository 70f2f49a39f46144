// Where a limit comes from: words for explain, check and the list of limits.

import { LIMITS } from '#4-detection/attack.ts'
import { type Limited, writtenIn, writtenLimit } from '#4-detection/baseline-accepted.ts'
import { type LearnedPlace, placeText } from '#4-detection/baseline-limits.ts'
import { groupNameOf } from '#4-detection/baseline-scopes.ts'
import { effectiveThresholds, lineage } from '#4-detection/inherited-limits.ts'
import type { HostFacts } from '#api/contract/explain.ts'
import { dateText } from '#lib/clock/local-time.ts'
import type { Decision } from './decisions.ts'

/** Which limit, by the hostgroup that has it: `global` for the general one. */
export interface LimitOfGroup extends Omit<LearnedPlace, 'scope'> {
  readonly hostgroup: string
}

/** What is known of a host, with each limit saying where it comes from. */
export function withSources(facts: HostFacts, sourceOf: (limit: LimitOfGroup) => string): HostFacts {
  const { hostgroup, limits } = facts
  const found = limits.map(each => {
    const limit = LIMITS.find(name => name === each.limit)
    if (limit === undefined) return each
    return { ...each, source: sourceOf({ hostgroup, subject: 'host', direction: each.direction, limit }) }
  })
  return { ...facts, limits: found }
}

/** `learned, accepted by uid:0 on 2026-11-20`. */
export const learnedText = ({ by, at }: Pick<Decision, 'by' | 'at'>): string =>
  `learned, accepted by ${by} on ${dateText(new Date(at))}`

/**
 * Says where the limit comes from: learned, configured here, or inherited. `config` is as it was written; `applied` are the
 * accepted limits that hold.
 */
export function limitSource(config: Limited, applied: readonly Decision[], asked: LimitOfGroup): string {
  const byPlace = new Map(applied.map(decision => [placeText(decision), decision]))
  const network = applied.find(({ scope }) => scope.includes('/') && groupNameOf(scope) === asked.hostgroup)
  const own = network?.scope ?? asked.hostgroup
  for (const scope of sourcesOf(config, asked, own)) {
    const place = { ...asked, scope }
    const learned = byPlace.get(placeText(place))
    const inherited = scope === own ? '' : `, inherited from ${nameOf(scope)}`
    if (learned !== undefined) return learnedText(learned) + inherited
    if (writtenLimit(config, place) !== null)
      return scope === own ? `configured for ${nameOf(scope)}` : `inherited from ${nameOf(scope)}`
  }
  return 'not set'
}

/** The scope itself and those it inherits from, nearest first. A total inherits nothing. */
function sourcesOf({ hostgroups }: Limited, { subject }: LimitOfGroup, own: string): string[] {
  if (subject === 'total') return [own]
  const group = groupOf(own)
  const groups = lineage(group, hostgroups)
  const last = groups.findIndex(name => hostgroups[name]?.inherit === false)
  const all = last < 0 ? [...groups, 'global'] : groups.slice(0, last + 1)
  return [own, ...all.filter(name => name !== group)]
}

const groupOf = (scope: string): string => (scope.includes('/') ? groupNameOf(scope) : scope)

const nameOf = (scope: string): string =>
  scope === 'global' ? 'all hosts' : scope.includes('/') ? `the network ${scope}` : `the hostgroup ${scope}`

/** Tells the limit that holds for a scope, in packets, bits or flows per second; `config` has learned limits in it. */
export function limitsNow({ detection, hostgroups }: Limited): (place: LearnedPlace) => number | null {
  const thresholds = effectiveThresholds(hostgroups, detection.thresholds)
  return ({ scope, subject, direction, limit }) => {
    const name = groupOf(scope)
    const ofHosts = thresholds.get(name) ?? detection.thresholds
    const limits = subject === 'host' ? ofHosts : hostgroups[name]?.total
    const written = writtenIn(limits?.[direction], limit)
    return written === 'off' ? null : written
  }
}
