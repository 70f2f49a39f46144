// Routes as gobgpd wants and lists them (gobgp.proto). It validates little of what it is given, so nothing is left to it.

import { z } from 'zod'
import type { Route } from '#6-policy/action.ts'
import { assert } from '#lib/assert.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'

const TYPE = 'type.googleapis.com/apipb.'
const IGP = 0
const UNICAST = 1

/** AFI and SAFI of unicast routes (RFC 4760). */
export const FAMILIES = { 4: { afi: 1, safi: UNICAST }, 6: { afi: 2, safi: UNICAST } } as const

/** The family of a prefix in text. */
export const familyOf = (prefix: string): 4 | 6 => (prefix.includes(':') ? 6 : 4)

/** A path for AddPath and DeletePath. */
export function pathOf(route: Route): object {
  const parsed = parsePrefix(route.prefix)
  const hop = parseAddress(route.nextHop)
  // gobgpd would announce nonsense as 0.0.0.0/32, and a next hop of the other family would reset the session.
  assert(parsed !== undefined && parsed.length > 0, `${route.prefix} is a prefix and no default route`)
  assert(hop?.family === parsed.family, `${route.nextHop} is a next hop for ${route.prefix}`)
  const family = FAMILIES[parsed.family]
  const nlri = {
    '@type': `${TYPE}IPAddressPrefix`,
    prefix: formatAddress({ family: parsed.family, value: parsed.value }),
    prefix_len: parsed.length,
  }
  const nextHop =
    parsed.family === 4
      ? { '@type': `${TYPE}NextHopAttribute`, next_hop: route.nextHop }
      : { '@type': `${TYPE}MpReachNLRIAttribute`, family, next_hops: [route.nextHop], nlris: [nlri] }
  const communities = { '@type': `${TYPE}CommunitiesAttribute`, communities: route.communities.map(numberOf) }
  const pattrs = [
    { '@type': `${TYPE}OriginAttribute`, origin: IGP },
    nextHop,
    ...(route.communities.length === 0 ? [] : [communities]),
  ]
  return { family, nlri, pattrs }
}

function numberOf(community: string): number {
  const [high = 0, low = 0] = community.split(':').map(Number)
  return high * 65_536 + low
}

const textOf = (community: number): string => `${Math.floor(community / 65_536)}:${community % 65_536}`

const attributeSchema = z.looseObject({
  '@type': z.string(),
  next_hop: z.string().optional(),
  next_hops: z.array(z.string()).optional(),
  communities: z.array(z.number()).optional(),
})
const pathSchema = z.looseObject({
  neighbor_ip: z.string().default(''),
  is_withdraw: z.boolean().default(false),
  pattrs: z.array(z.unknown()).default([]),
})
const destinationSchema = z.looseObject({
  destination: z.looseObject({ prefix: z.string(), paths: z.array(pathSchema).default([]) }),
})

/**
 * The route an answer of ListPath holds, if it was put there through the API: those of neighbours are none of ours.
 * `undefined` when there is none, or the answer is none that can be read.
 */
export function routeOf(answer: object): Route | undefined {
  const parsed = destinationSchema.safeParse(answer)
  if (!parsed.success) return undefined
  const { prefix, paths } = parsed.data.destination
  const own = paths.find(path => !path.is_withdraw && parseAddress(path.neighbor_ip) === undefined)
  const canonical = parsePrefix(prefix)
  if (own === undefined || canonical === undefined) return undefined
  const attributes = own.pattrs.flatMap(attribute => attributeSchema.safeParse(attribute).data ?? [])
  const nextHop = attributes
    .map(found => found.next_hop ?? found.next_hops?.[0])
    .find(text => text !== undefined)
  const hop = parseAddress(nextHop ?? '')
  const standard = attributes.find(attribute => attribute['@type'].endsWith('.CommunitiesAttribute'))
  return {
    prefix: formatPrefix(canonical),
    nextHop: hop === undefined ? '' : formatAddress(hop),
    communities: (standard?.communities ?? []).map(textOf),
  }
}
