// The audit: who did what, when and why, people and the program alike.

import { z } from 'zod'
import { limitInput, moment } from './values.ts'

export const auditEntrySchema = z.object({
  at: moment,
  who: z
    .string()
    .describe(
      'floodwarden, an operator such as uid:1000, unknown for one who was gone before he could be named, or grpc for the interface of FastNetMon.',
    ),
  what: z.string().describe('Such as decide, announce or withdraw.'),
  target: z.string().describe('The host it was about.'),
  attackId: z.string(),
  mitigationId: z.string().optional().describe('Missing when it never came to one.'),
  outcome: z.enum(['done', 'failed', 'refused', 'dry-run']),
  reason: z.string().describe('Why it was done, or why it failed or was refused.'),
})

export const auditInput = z.strictObject({ limit: limitInput(100, 1000) })
export const auditSchema = z.object({ entries: z.array(auditEntrySchema).describe('Newest first.') })

export type AuditEntry = z.infer<typeof auditEntrySchema>
export type Audit = z.infer<typeof auditSchema>
export type AuditQuery = z.infer<typeof auditInput>
