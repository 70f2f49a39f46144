// Arming: whether decisions are carried out, and what would change in the network if they were, or no longer were.

import { z } from 'zod'
import { count, host, limitInput, moment, reasonInput } from './values.ts'

const words = z.array(z.string())

export const armingChangeSchema = z.object({
  host,
  attackId: z.string(),
  announce: words.describe('What would be done.'),
  withdraw: words.describe('What would be taken back.'),
  refused: words.describe('What would not be done, and why.'),
})

export const armingSchema = z.object({
  armed: z.boolean().describe('false: dry run. Everything is shown, nothing is carried out.'),
  from: z
    .enum(['configuration', 'order'])
    .describe(
      'order: somebody ordered it while the daemon ran; it is over when mitigation.armed is changed.',
    ),
  orderedBy: z.string().optional(),
  orderedAt: moment.optional(),
  enforcers: words.describe('Who would carry anything out; none: nothing is configured to act.'),
  changes: z
    .array(armingChangeSchema)
    .describe('What would change at once if it were switched, attack by attack, newest first.'),
  total: count.describe('How many attacks there are, also beyond the limit.'),
})

export const armingInput = z.strictObject({ limit: limitInput(100, 10_000) })

export const armInput = z.strictObject({
  armed: z.boolean(),
  reason: reasonInput,
})

export type Arming = z.infer<typeof armingSchema>
export type ArmingChange = z.infer<typeof armingChangeSchema>
export type ArmingQuery = z.infer<typeof armingInput>
export type ArmRequest = z.infer<typeof armInput>
