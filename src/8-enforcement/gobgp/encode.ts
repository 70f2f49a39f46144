// Announcements as gobgpd wants them (gobgp.proto). It validates little of what it is given, so nothing is left to it.

import type { Route } from '#6-policy/action.ts'
import type { Announcement } from '#7-mitigation/announcement.ts'
import { assert } from '#lib/assert.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { parseCommunity } from '../bgp/community.ts'
import { routeProblems } from '../bgp/route-problems.ts'
import { actionAttributes } from './actions.ts'
import { flowNlri } from './flow.ts'
import { type Family, FLOWSPEC, TYPE, UNICAST } from './wire.ts'

const IGP = 0

export interface EncodeOptions {
  /** Community that tells our announcements from those of others; `undefined`: none is added. */
  readonly mark: string | undefined
  /** Whether each router behind gobgpd reads IPv6 prefixes of rules with an offset; BIRD 2 resets the session at them. */
  readonly allowOffsets: boolean
  /** Most tests of one component of a rule; FRR 8 resets the session at the sixth. Missing: any number. */
  readonly testsMax?: number | undefined
}

/** Why gobgpd cannot be given this: it would die, announce something else, or have its routers reset their sessions. */
export const problemsOf = (
  announcement: Announcement,
  { allowOffsets, testsMax }: EncodeOptions,
): string[] =>
  announcement.kind === 'route'
    ? routeProblems(announcement.route)
    : problemsForGobgpd(announcement.rule, { allowOffsets, testsMax })

/** A path to announce. What has problems must not come here. */
export function pathOf(announcement: Announcement, options: EncodeOptions): object {
  const problems = problemsOf(announcement, options)
  assert(problems.length === 0, problems.join('; '))
  const { mark } = options
  const body =
    announcement.kind === 'route' ? routeBody(announcement.route, mark) : ruleBody(announcement.rule, mark)
  const origin = { '@type': `${TYPE}OriginAttribute`, origin: IGP }
  return { ...targetOf(announcement), pattrs: [origin, ...body] }
}

/** A path to withdraw: it names what is matched and nothing else, and never less. */
export const withdrawalOf = (announcement: Announcement): object => ({
  ...targetOf(announcement),
  is_withdraw: true,
})

function targetOf(announcement: Announcement): { readonly family: Family; readonly nlri: object } {
  if (announcement.kind === 'flow') {
    const { rule } = announcement
    return { family: { afi: rule.family === 4 ? 1 : 2, safi: FLOWSPEC }, nlri: flowNlri(rule) }
  }
  const prefix = parsePrefix(announcement.route.prefix)
  // gobgpd would take what it cannot read for 0.0.0.0/32.
  assert(prefix !== undefined && prefix.length > 0, `${announcement.key} is a prefix and no default route`)
  const nlri = {
    '@type': `${TYPE}IPAddressPrefix`,
    prefix: formatAddress({ family: prefix.family, value: prefix.value }),
    prefix_len: prefix.length,
  }
  return { family: { afi: prefix.family === 4 ? 1 : 2, safi: UNICAST }, nlri }
}

/** gobgpd makes the attribute of the family (RFC 4760) of the next hop itself. */
const hopOf = (address: string): object => ({ '@type': `${TYPE}NextHopAttribute`, next_hop: address })

const routeBody = ({ nextHop, communities }: Route, mark: string | undefined): object[] => [
  hopOf(nextHop),
  ...communityAttributes([...communities, ...(mark === undefined ? [] : [mark])]),
]

/** A rule has no next hop (RFC 8955, section 4), and gobgpd wants one all the same. */
const ruleBody = ({ family, actions }: Rule, mark: string | undefined): object[] => [
  hopOf(family === 4 ? '0.0.0.0' : '::'),
  ...communityAttributes(mark === undefined ? [] : [mark]),
  ...actionAttributes(actions),
]

function communityAttributes(texts: readonly string[]): object[] {
  const standard: number[] = []
  const large: object[] = []
  for (const text of new Set(texts)) {
    const community = parseCommunity(text)
    assert(community !== undefined, `${text} is a community`)
    if (community.kind === 'standard') standard.push(community.number)
    else {
      const [global_admin, local_data1, local_data2] = community.parts
      large.push({ global_admin, local_data1, local_data2 })
    }
  }
  return [
    ...(standard.length === 0 ? [] : [{ '@type': `${TYPE}CommunitiesAttribute`, communities: standard }]),
    ...(large.length === 0 ? [] : [{ '@type': `${TYPE}LargeCommunitiesAttribute`, communities: large }]),
  ]
}
