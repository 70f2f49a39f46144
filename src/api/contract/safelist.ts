// The safelist: prefixes that are never touched, those of the configuration and those that were added while it runs.

import { z } from 'zod'
import { moment, plainText, targetInput, when } from './values.ts'

export const safeEntrySchema = z.object({
  prefix: z.string().describe('In canonical form.'),
  from: z.enum(['configuration', 'added']).describe('added: while the daemon ran; it lasts over restarts.'),
  reason: z.string().optional(),
  addedBy: z.string().optional().describe('As the audit calls whoever added it.'),
  inNameOf: z.string().optional().describe('Whom a program added it for, as it said.'),
  addedAt: moment.optional(),
  expiresAt: moment.optional().describe('Missing: it never ends.'),
  problem: z.string().optional().describe('It cannot be read, so nothing at all is touched.'),
})

export const safelistSchema = z.object({
  safelist: z.array(safeEntrySchema).describe('Those of the configuration first.'),
})

export const safeInput = z
  .strictObject({
    prefix: targetInput,
    reason: plainText(256).min(1).describe('Why; it stands in every refusal.'),
    expiresAt: when.optional().describe('It ends then.'),
    ttlSeconds: z.int().min(1).max(315_360_000).optional().describe('It ends after so long.'),
  })
  .refine(({ expiresAt, ttlSeconds }) => expiresAt === undefined || ttlSeconds === undefined, {
    ...{ error: 'expected expiresAt or ttlSeconds, not both', path: ['ttlSeconds'] },
  })

/** An entry that cannot be read is named as it is. */
export const safePrefixInput = z.strictObject({ prefix: z.string().min(1).max(128) })

export type SafeEntry = z.infer<typeof safeEntrySchema>
export type SafelistView = z.infer<typeof safelistSchema>
export type SafeRequest = z.infer<typeof safeInput>
