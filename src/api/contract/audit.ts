// The audit: who did what, when and why, people and the program alike.

import { z } from 'zod'
import { spanInput } from './paging.ts'
import { count, limitInput, moment } from './values.ts'

export const auditEntrySchema = z.object({
  at: moment,
  who: z
    .string()
    .describe(
      'floodwarden, an operator such as uid:1000, unknown for one who was gone before he could be named, grpc for the interface of FastNetMon, or setup-link for whoever had the set-up link.',
    ),
  what: z.string().describe('Such as decide, announce or withdraw.'),
  target: z.string().describe('The host it was about.'),
  attackId: z.string(),
  mitigationId: z.string().optional().describe('Missing when it never came to one.'),
  outcome: z.enum(['done', 'failed', 'refused', 'dry-run']),
  reason: z.string().describe('Why it was done, or why it failed or was refused.'),
  before: z.json().optional().describe('What it was before, where something changed.'),
  after: z.json().optional().describe('What it is since.'),
  sequence: count.optional().describe('Its place in the chain; missing when it came from memory.'),
  hash: z.string().optional().describe('Its hash in the chain (SHA-256).'),
})

const text = z.string().min(1).max(128)

export const auditInput = z.strictObject({
  limit: limitInput(100, 1000),
  who: text.optional().describe('Only what this one did, such as uid:1000.'),
  what: text.optional().describe('Only deeds of this kind, such as announce.'),
  target: text.optional().describe('Only what was about this host.'),
  outcome: z.enum(['done', 'failed', 'refused', 'dry-run']).optional(),
  attack: text.optional().describe('Only what was about this attack.'),
  mitigation: text.optional().describe('Only what was about this mitigation.'),
  reason: text.optional().describe('Only entries whose reason has this text, in any case of its letters.'),
  ...spanInput,
  before: z.coerce
    .number<string | number>()
    .int()
    .min(1)
    .optional()
    .describe('Only entries before this place in the chain: the next page.'),
})
export const auditSchema = z.object({ entries: z.array(auditEntrySchema).describe('Newest first.') })

const place = z.object({ sequence: count, at: moment })

export const auditVerdictSchema = z
  .discriminatedUnion('verdict', [
    z.object({
      verdict: z.literal('intact'),
      entries: count,
      first: place.optional(),
      last: place.optional(),
      checkpoint: place.optional().describe('Entries up to it were deleted by retention, or are elsewhere.'),
      hasHeadFile: z
        .boolean()
        .describe('Whether the newest entry is also written down beside the state, where a cut end shows.'),
    }),
    z.object({
      verdict: z.literal('broken'),
      sequence: count.describe('The first entry that is not as it was written, or is missing.'),
      problem: z.string(),
    }),
  ])
  .describe('Whether the audit is what was written.')

export type AuditVerdict = z.infer<typeof auditVerdictSchema>
export type AuditEntry = z.infer<typeof auditEntrySchema>
export type Audit = z.infer<typeof auditSchema>
export type AuditQuery = z.infer<typeof auditInput>
