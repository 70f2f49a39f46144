// What gobgpd lists, read back into announcements.

import { type Announcement, flowAnnouncement, routeAnnouncement } from '#7-mitigation/announcement.ts'
import type { HeldItem } from '#7-mitigation/enforcer.ts'
import { flowProblems } from '#lib/flowspec/check.ts'
import { printAction, printFlow } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { standardText } from '../bgp/community.ts'
import { canonicalAddress } from '../bgp/config.ts'
import { actionsOf } from './actions.ts'
import { flowOf } from './flow.ts'
import { type Family, FLOWSPEC, isRecord, listOf, numberOf, type Packed, textOf, unpack } from './wire.ts'

export interface HeldPath {
  readonly item: HeldItem
  /** What would announce it; `undefined` when it is nothing that we could have announced. */
  readonly announcement: Announcement | undefined
}

/** What was told for a key. */
export type ToldBefore = (key: string) => Announcement | undefined

/**
 * What an answer of ListPath holds, if a program put it there through the API: what neighbours told is none of ours.
 * `undefined` when there is none, or the answer is none that can be read. `told` only makes it faster.
 */
export function heldOf(
  answer: object,
  family: Family,
  mark: string | undefined,
  told?: ToldBefore,
): HeldPath | undefined {
  const destination = isRecord(answer) ? answer['destination'] : undefined
  if (!isRecord(destination)) return undefined
  const own = listOf(destination['paths']).find(isOwn)
  if (own === undefined) return undefined
  const attributes = listOf(own['pattrs'])
    .map(unpack)
    .filter(packed => packed !== undefined)
  const carried = communitiesOf(attributes)
  const communities = carried.filter(text => text !== mark)
  const isOurs = communities.length < carried.length
  const name = textOf(destination['prefix'])
  return family.safi === FLOWSPEC
    ? heldRule({ name, nlri: own['nlri'], attributes, communities, isOurs }, family.afi === 1 ? 4 : 6, told)
    : heldRoute({ name, attributes, communities, isOurs })
}

interface Listed {
  /** gobgpd's own text for what is matched. */
  readonly name: string
  readonly attributes: readonly Packed[]
  readonly communities: readonly string[]
  readonly isOurs: boolean
}

const isOwn = (path: unknown): path is Readonly<Record<string, unknown>> =>
  isRecord(path) && path['is_withdraw'] !== true && parseAddress(textOf(path['neighbor_ip'])) === undefined

function heldRoute({ name, attributes, communities, isOurs }: Listed): HeldPath | undefined {
  const prefix = parsePrefix(name)
  if (prefix === undefined) return undefined
  const nextHop = canonicalAddress(nextHopOf(attributes))
  const announcement = routeAnnouncement({ prefix: formatPrefix(prefix), nextHop, communities })
  return { item: { key: announcement.key, says: announcement.says, isOurs }, announcement }
}

function heldRule(
  listed: Listed & { readonly nlri: unknown },
  family: 4 | 6,
  told: ToldBefore | undefined,
): HeldPath {
  const { attributes, communities, isOurs } = listed
  const nlri = unpack(listed.nlri)
  const flow = nlri && flowOf(nlri, family)
  if (flow === undefined) return unreadable(listed)
  const { actions, unknown } = actionsOf(attributes)
  const rule: Rule = { ...flow, actions }
  const announcement = asTold(rule, told) ?? announcementFor(rule)
  if (announcement === undefined) return unreadable(listed)
  const more = [...communities.map(text => `community ${text}`), ...unknown]
  const says = more.length === 0 ? announcement.says : [announcement.says, ...more].join(', ')
  return { item: { key: announcement.key, says, isOurs }, announcement }
}

/** Nearly all that is held is what we told, in canonical form: then nothing has to be worked out. */
function asTold(rule: Rule, told: ToldBefore | undefined): Announcement | undefined {
  const known = told?.(printFlow(rule))
  return known !== undefined && known.says === rule.actions.map(printAction).join(', ') ? known : undefined
}

/** Not each rule that gobgpd takes from others is one. */
const announcementFor = (rule: Rule): Announcement | undefined =>
  flowProblems(rule).length > 0 ? undefined : flowAnnouncement(rule)

const unreadable = ({ name, isOurs }: Listed): HeldPath => ({
  item: { key: name, says: '', isOurs },
  announcement: undefined,
})

function nextHopOf(attributes: readonly Packed[]): string {
  for (const { name, fields } of attributes) {
    if (name === 'NextHopAttribute') return textOf(fields['next_hop'])
    if (name === 'MpReachNLRIAttribute') return textOf(listOf(fields['next_hops'])[0])
  }
  return ''
}

function communitiesOf(attributes: readonly Packed[]): string[] {
  const texts: string[] = []
  for (const { name, fields } of attributes) {
    const communities = listOf(fields['communities'])
    if (name === 'CommunitiesAttribute') texts.push(...communities.map(numberOf).map(standardText))
    if (name === 'LargeCommunitiesAttribute') {
      for (const { global_admin, local_data1, local_data2 } of communities.filter(isRecord))
        texts.push([global_admin, local_data1, local_data2].map(numberOf).join(':'))
    }
  }
  return texts
}
