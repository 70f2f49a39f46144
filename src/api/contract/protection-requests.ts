// What is asked of protection, and what is answered: switches, blocked sources, counters, previews, backups.

import { z } from 'zod'
import {
  COUNTERMEASURE_MODES,
  countermeasureCountersSchema,
  countermeasureMode,
  countermeasureName,
  profileId,
  profileSchema,
} from './protection.ts'
import { count, plainText, targetInput } from './values.ts'

export const profileInput = z.strictObject({ id: profileId })

/** Who comes back after a day is for the blacklist of the configuration. */
const DAY_SECONDS = 86_400
const YEAR_SECONDS = 31_536_000
const BLOCKED_AT_ONCE_MAX = 10_000

const why = plainText(200).min(1).describe('Why, for the audit.')

export const switchInput = z.strictObject({
  id: profileId,
  countermeasure: countermeasureName.optional().describe('Missing: the profile as a whole.'),
  mode: z
    .enum([...COUNTERMEASURE_MODES, 'configured'])
    .describe('configured: from now on as the configuration says.'),
  ttlSeconds: z
    .int()
    .min(1)
    .max(YEAR_SECONDS)
    .optional()
    .describe('It is as configured again after so long; missing: until somebody switches again.'),
  reason: why,
})
const notes = z
  .array(z.string())
  .describe('A sentence each: who keeps it on all the same, what is not carried out.')
export const switchedSchema = z.object({ profile: profileSchema, notes })

const sources = z.array(targetInput).min(1).max(BLOCKED_AT_ONCE_MAX)

export const blockInput = z.strictObject({
  id: profileId,
  sources: sources.describe('IPv4 addresses and IPv6 prefixes of 64 bits.'),
  ttlSeconds: z
    .int()
    .min(1)
    .max(DAY_SECONDS)
    .optional()
    .describe('Missing: as the profile says, longer for who comes back.'),
  reason: why,
})

const blockedSchema = z.object({
  profile: z.string(),
  countermeasure: countermeasureName,
  source: z.string(),
  target: z.string().optional().describe('Missing: whatever its target.'),
  remainingSeconds: count,
})

export const BLOCKED_SHOWN_MAX = 10_000
export const blockedInput = z.strictObject({
  profile: profileId.optional().describe('Only of this profile.'),
  source: targetInput.optional().describe('Only this source.'),
  limit: z.coerce
    .number<string | number>()
    .int()
    .min(1)
    .max(BLOCKED_SHOWN_MAX)
    .default(1000)
    .describe(`At most so many (1 to ${BLOCKED_SHOWN_MAX}).`),
})
export const blockedSourcesSchema = z.object({
  sources: z.array(blockedSchema).describe('Those with the most time left first.'),
  total: count,
})
export const sourcesBlockedSchema = z.object({ sources: z.array(blockedSchema), notes })

export const unblockInput = z.strictObject({
  id: profileId,
  source: targetInput.describe('As the list names it.'),
  reason: plainText(200).optional().describe('Why, for the audit.'),
})
export const unblockedSchema = z.object({
  source: z.string(),
  wasBlocked: z.boolean().describe('false: it was on no list.'),
})

export const countersInput = z.strictObject({
  profile: profileId.optional().describe('Only of this profile.'),
})
export const protectionCountersSchema = z.object({
  counters: z
    .array(
      z.object({
        profile: z.string(),
        countermeasure: countermeasureName,
        mode: countermeasureMode,
        ...countermeasureCountersSchema.shape,
      }),
    )
    .describe('As they are read now, of countermeasures that are in place.'),
})

export const previewProtectionInput = z
  .strictObject({
    profile: profileId.optional().describe('As if this one were switched; missing: as it is.'),
    countermeasure: countermeasureName.optional(),
    mode: z.enum([...COUNTERMEASURE_MODES, 'configured']).optional(),
  })
  .refine(({ profile, mode }) => (profile === undefined) === (mode === undefined), {
    ...{ error: 'expected profile and mode together', path: ['mode'] },
  })
  .refine(({ profile, countermeasure }) => countermeasure === undefined || profile !== undefined, {
    ...{ error: 'expected the profile whose it is', path: ['profile'] },
  })
export const previewedProtectionSchema = z.object({
  text: z.string().describe('What would be sent, in the words of whoever gets it: for nftables a ruleset.'),
  notes,
})

export const lookupInput = z.strictObject({
  target: targetInput.describe('Where the packet goes.'),
  source: targetInput.optional(),
  protocol: z.coerce
    .number<string | number>()
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe('IP protocol number.'),
  targetPort: z.coerce.number<string | number>().int().min(0).max(65_535).optional(),
})
export const lookedUpSchema = z.object({
  profile: profileSchema.optional().describe('Missing: the packet meets no countermeasure.'),
})

export const protectionBackupSchema = z
  .object({
    version: z.literal(1),
    madeAt: z.string(),
    profiles: z.record(z.string(), z.array(countermeasureName)),
    switches: z.array(z.json()),
  })
  .describe('How people have switched profiles; the profiles themselves are in the configuration.')
export const restoreProtectionInput = z.strictObject({
  backup: z.json().describe('As GET /protection/backup gave it.'),
  replaces: z.boolean().default(false).describe('Also where somebody has switched something meanwhile.'),
  reason: why,
})
export const restoredProtectionSchema = z.object({ switches: count, notes })

export type SwitchRequest = z.infer<typeof switchInput>
export type Switched = z.infer<typeof switchedSchema>
export type BlockRequest = z.infer<typeof blockInput>
export type BlockedQuery = z.infer<typeof blockedInput>
export type BlockedSources = z.infer<typeof blockedSourcesSchema>
export type BlockedSource = BlockedSources['sources'][number]
export type SourcesBlocked = z.infer<typeof sourcesBlockedSchema>
export type UnblockRequest = z.infer<typeof unblockInput>
export type Unblocked = z.infer<typeof unblockedSchema>
export type ProtectionCounters = z.infer<typeof protectionCountersSchema>
export type ProtectionPreviewRequest = z.infer<typeof previewProtectionInput>
export type ProtectionPreview = z.infer<typeof previewedProtectionSchema>
export type LookupRequest = z.infer<typeof lookupInput>
export type ProtectionBackup = z.infer<typeof protectionBackupSchema>
export type RestoreRequest = z.infer<typeof restoreProtectionInput>
export type ProtectionRestored = z.infer<typeof restoredProtectionSchema>
