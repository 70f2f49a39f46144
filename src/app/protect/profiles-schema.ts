// What a file of protection profiles may say: for whoever protects a machine or a gateway by hand.

import { z } from 'zod'
import { countermeasuresSchema } from '#7-mitigation/protection/countermeasures-config.ts'
import { HOOKS, PLACE } from '#8-enforcement/nftables/place.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'

const prefix = z
  .string()
  .meta({ title: 'an address or a prefix such as 203.0.113.0/24' })
  .refine(text => parsePrefix(text) !== undefined, 'expected an address or a prefix such as 203.0.113.0/24')
const prefixes = z.array(prefix).min(1).max(250_000)
const whole = (least: number, most: number) => z.int().min(least).max(most)

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
      countermeasures: countermeasuresSchema
        .refine(({ geo }) => geo === undefined, {
          path: ['geo'],
          error: 'expected no geo here: a database of countries is for the daemon',
        })
        .refine(all => Object.values(all).every(one => one?.threshold === undefined), {
          error: 'expected no threshold here: only the daemon measures',
        })
        .refine(all => all['temporary-blacklist']?.progressive === undefined, {
          path: ['temporary-blacklist', 'progressive'],
          error: 'expected no progressive here: only the daemon remembers who was blocked before',
        })
        .prefault({}),
    }),
  ),
})

export type ProfilesFile = z.infer<typeof profilesSchema>
