// Announcements that are configured and could never be made.

import type { AnnouncementPlan } from '#6-policy/announcement-plan.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import { announcementsOf } from './announcements.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'

const ANNOUNCEMENTS = ['hostIpv4', 'networkIpv4', 'hostIpv6', 'networkIpv6'] as const
/** Networks that are named in one message. */
const NAMED_MAX = 3

export function checkAnnouncements(config: ResolvedConfig, source: SettingsSource): Problem[] {
  return [...checkComplete(config, source), ...checkKeptBack(config, source)]
}

function checkComplete({ enforcement }: ResolvedConfig, source: SettingsSource): Problem[] {
  const { exabgp, gobgp } = enforcement
  const problems: Problem[] = []
  const report = (path: readonly string[], message: string) =>
    problems.push(problemAt(source, 'config-announcement', 'error', ['enforcement', ...path], message))
  for (const [name, settings] of Object.entries({ exabgp, gobgp })) {
    for (const key of ANNOUNCEMENTS) {
      const { nextHop, communities } = settings[key]
      if (nextHop === undefined && communities.length > 0)
        report([name, key], 'there are communities and no nextHop, so nothing would be announced')
    }
  }
  const isWanted = ANNOUNCEMENTS.some(key => exabgp[key].nextHop !== undefined)
  if (isWanted && exabgp.pipe === undefined)
    report(['exabgp'], 'there is no pipe, so nothing would be announced')
  return problems
}

/** Networks around protected prefixes: the guardrails refuse to announce them whatever happens. */
function checkKeptBack(config: ResolvedConfig, source: SettingsSource): Problem[] {
  const plans = announcementsOf(config).filter(plan => plan.scope === 'network')
  if (plans.length === 0) return []
  const guarded = new PrefixSet(prefixesOf([...config.whitelist, ...config.policy.managementPrefixes]))
  const keptBack = prefixesOf(config.networks).filter(
    network => plans.some(plan => plan.family === network.family) && guarded.overlaps(network),
  )
  if (keptBack.length === 0) return []
  const named = keptBack.slice(0, NAMED_MAX).map(formatPrefix).join(', ')
  const more = keptBack.length > NAMED_MAX ? ` and ${keptBack.length - NAMED_MAX} more` : ''
  const message = `${named}${more} hold whitelisted or management prefixes, so they are never announced as a whole`
  const path = ['enforcement', ...(plans[0] === undefined ? [] : pathOf(plans[0]))]
  return [problemAt(source, 'config-announcement-kept-back', 'warning', path, message)]
}

const pathOf = ({ enforcer, family }: AnnouncementPlan): string[] => [enforcer, `networkIpv${family}`]

const prefixesOf = (texts: readonly string[]): Prefix[] =>
  texts.map(parsePrefix).filter(prefix => prefix !== undefined)
