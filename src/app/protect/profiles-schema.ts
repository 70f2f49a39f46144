// What a file of protection profiles may say: for whoever protects a machine or a gateway by hand.

import { z } from 'zod'
import { HOOKS, PLACE } from '#8-enforcement/nftables/place.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { settingsOf } from '#lib/schema/settings.ts'

const prefix = z
  .string()
  .meta({ title: 'an address or a prefix such as 203.0.113.0/24' })
  .refine(text => parsePrefix(text) !== undefined, 'expected an address or a prefix such as 203.0.113.0/24')
const prefixes = z.array(prefix).min(1).max(250_000)
const whole = (least: number, most: number) => z.int().min(least).max(most)
const ttlSeconds = whole(1, 86_400).default(60)
const packetsPerSecond = whole(1, 1_000_000_000)
const bitsPerSecond = whole(8, 10_000_000_000_000)
const mode = { mode: z.enum(['on', 'monitor', 'off']).default('on') }
const rates = { packetsPerSecond: packetsPerSecond.optional(), bitsPerSecond: bitsPerSecond.optional() }

/** Keys are the names of countermeasures; one that is not named is not there. */
const countermeasures = z.strictObject({
  whitelist: z.strictObject({ ...mode, prefixes }).optional(),
  blacklist: z.strictObject({ ...mode, prefixes }).optional(),
  'temporary-blacklist': z.strictObject({ ...mode, ttlSeconds }).optional(),
  'header-sanity': z.strictObject({ ...mode }).optional(),
  fragments: z.strictObject({ ...mode, packetsPerSecond: whole(0, 1_000_000_000) }).optional(),
  acl: z
    .strictObject({
      ...mode,
      rules: z
        .array(z.strictObject({ verdict: z.enum(['pass', 'drop']), match: z.string() }))
        .min(1)
        .max(1000),
    })
    .optional(),
  filter: z.strictObject({ ...mode, rules: z.array(z.string()).min(1).max(1000) }).optional(),
  'source-limit': z
    .strictObject({
      ...{ ...mode, ...rates, ttlSeconds },
      per: z.enum(['source', 'source-and-target']).default('source'),
    })
    .optional(),
  'connection-rate': z.strictObject({ ...mode, perSecond: packetsPerSecond, ttlSeconds }).optional(),
  'connection-limit': z.strictObject({ ...mode, connections: packetsPerSecond }).optional(),
  'syn-proxy': z
    .strictObject({
      ...mode,
      ports: z.array(whole(1, 65_535)).max(1000).default([]),
      mss: whole(536, 65_535).default(1460),
      windowScale: whole(0, 14).default(7),
      timestamps: z.boolean().default(true),
      sackPermitted: z.boolean().default(true),
      ipv6: z.boolean().default(false),
    })
    .optional(),
  'target-rate-limit': z.strictObject({ ...mode, ...rates }).optional(),
  'rate-limit': z.strictObject({ ...mode, ...rates }).optional(),
})

export const profilesSchema = z.strictObject({
  hook: z.enum(HOOKS).default(PLACE.hook),
  devices: z.array(z.string()).max(64).default([]),
  managementPrefixes: z.array(prefix).max(1000).default([]),
  sourcesMax: whole(1, 4_194_304).default(PLACE.sourcesMax),
  profiles: z.record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'expected a name of letters, digits, - and _'),
    z.strictObject({
      isOn: z.boolean().default(true),
      prefixes,
      countermeasures: countermeasures.default({}),
    }),
  ),
})

export type ProfilesFile = z.infer<typeof profilesSchema>
export type CountermeasureSettings = ProfilesFile['profiles'][string]['countermeasures']

export const PROFILES_SETTINGS = settingsOf(profilesSchema)
