// Settings of protection profiles: whom they cover, and what stands ready for them.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'
import { PROTECTORS } from '#6-policy/countermeasure.ts'
import { countermeasuresSchema } from './countermeasures-config.ts'
import { isTag, TAGS_MAX } from './incident.ts'

export const PROFILES_MAX = 256

export const profileId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'expected a name of letters, digits, - and _, 63 at most')
  .meta({ title: 'a name of letters, digits, - and _' })

const tag = z
  .string()
  .refine(isTag, { error: 'expected a tag such as customer:7' })
  .meta({ title: 'a tag such as customer:7' })

export const profileSchema = z
  .strictObject({
    backEnd: z
      .enum(PROTECTORS)
      .default('nftables')
      .describe('Who carries it out: nftables on this machine, or a MITIGATOR (protection.mitigator).'),
    isDefault: z
      .boolean()
      .default(false)
      .describe(
        'General protection: it covers all of our networks, for what no other profile covers. One at most.',
      ),
    isOn: z.boolean().default(false).describe('Whether it is on while nobody needs it.'),
    prefixes: z
      .array(prefixText)
      .max(100_000)
      .default([])
      .describe('Targets, inside our networks.')
      .meta({ examples: [['203.0.113.0/24']] }),
    services: z
      .array(z.string().min(1).max(128))
      .max(1024)
      .default([])
      .describe(
        'Services of the inventory: their addresses, and of these only the ports that are meant to be reached.',
      )
      .meta({ examples: [['web-shop']] }),
    policy: z
      .int()
      .min(1)
      .max(999_999_999)
      .optional()
      .describe(
        'mitigator: the number of its policy there. Missing: protection.mitigator says how it is found.',
      )
      .meta({ examples: [7] }),
    tags: z
      .array(tag)
      .max(TAGS_MAX)
      .default([])
      .describe('Every incident of it gets these.')
      .meta({ examples: [['customer:7']] }),
    countermeasures: countermeasuresSchema.prefault({}),
  })
  .describe('A protection profile.')

export const profilesSchema = z
  .record(profileId, profileSchema)
  .refine(profiles => Object.keys(profiles).length <= PROFILES_MAX, {
    error: `expected at most ${PROFILES_MAX} profiles`,
  })
  .default({})
  .describe(
    'Protection profiles by name: who is protected together, and what stands ready. Empty: there is no protection.',
  )

export type ProfileConfig = z.infer<typeof profileSchema>
export type ProfilesConfig = z.infer<typeof profilesSchema>
