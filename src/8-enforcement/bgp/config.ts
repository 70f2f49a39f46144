// Settings that exabgp and gobgp share: what is announced for an attack, and with which attributes.

import { z } from 'zod'
import type { Announcer } from '#6-policy/action.ts'
import type { AnnouncementPlan } from '#6-policy/announcement-plan.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { parseCommunity } from './community.ts'

const addressText = (family: 4 | 6) =>
  z
    .string()
    .refine(text => parseAddress(text)?.family === family, { error: `expected an IPv${family} address` })
    .meta({ title: `an IPv${family} address` })

/** Such as `2001:db8::1`, in canonical text; the text itself when it is no address. */
export function canonicalAddress(text: string): string {
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}

const COMMUNITY_ERROR =
  'expected a community such as 65001:666, each part at most 65535, or a large one such as 65001:666:1, each part at most 4294967295'

export const communityText = z
  .string()
  .refine(text => parseCommunity(text) !== undefined, { error: COMMUNITY_ERROR })
  .meta({ title: 'a community such as 65001:666 or 65001:666:1' })

const NEXT_HOP_EXAMPLES = { 4: '192.0.2.66', 6: '100::1' } as const

const announcementOf = (family: 4 | 6, what: string) =>
  z
    .strictObject({
      nextHop: addressText(family)
        .optional()
        .describe('Next hop of the route. Missing: nothing is announced.')
        .meta({ examples: [NEXT_HOP_EXAMPLES[family]] }),
      communities: z
        .array(communityText)
        .max(32)
        .default([])
        .describe(
          'Communities of the route (RFC 1997) and large communities (RFC 8092), such as the blackhole community of the upstream.',
        )
        .meta({ examples: [['65001:666', '65001:666:1']] }),
    })
    .prefault({})
    .describe(what)

/** The four announcements; each is made when it has a next hop. */
export const announcementSettings = {
  hostIpv4: announcementOf(4, 'Announce the attacked IPv4 address (/32).'),
  networkIpv4: announcementOf(
    4,
    'Announce the longest of our networks around the attacked IPv4 address, until the last ban in it ends.',
  ),
  hostIpv6: announcementOf(6, 'Announce the attacked IPv6 address (/128).'),
  networkIpv6: announcementOf(
    6,
    'Announce the longest of our networks around the attacked IPv6 address, until the last ban in it ends.',
  ),
}

export const deadlineSeconds = z
  .number()
  .min(0.1)
  .max(60)
  .default(5)
  .describe(
    'An announcement that is not made within this time is shown as failed; it is tried on until it is made or no longer wanted.',
  )

const announcementsSchema = z.object(announcementSettings)

/** The plans of an enforcer, networks before hosts as FastNetMon announces them. */
export function plansOf(
  enforcer: Announcer,
  settings: z.infer<typeof announcementsSchema>,
): AnnouncementPlan[] {
  const rows = [
    { scope: 'network', family: 4, announcement: settings.networkIpv4 },
    { scope: 'host', family: 4, announcement: settings.hostIpv4 },
    { scope: 'network', family: 6, announcement: settings.networkIpv6 },
    { scope: 'host', family: 6, announcement: settings.hostIpv6 },
  ] as const
  return rows.flatMap(({ announcement: { nextHop, communities }, ...row }) =>
    nextHop === undefined ? [] : [{ enforcer, ...row, nextHop: canonicalAddress(nextHop), communities }],
  )
}
