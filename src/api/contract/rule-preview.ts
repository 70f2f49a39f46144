// Preview of a rule: whether it would be made, and what it would have matched of the last minute. Nothing is made.

import { z } from 'zod'
import { checkRule } from './rule-text.ts'
import { ruleSpan, ruleWords } from './rules.ts'
import { count, reasonInput } from './values.ts'

export const rulePreviewInput = z
  .strictObject({
    ...{ ...ruleWords, ...ruleSpan },
    reason: reasonInput.describe('Says nothing here: what would make the rule may be sent as it is.'),
    ifExists: z.enum(['refuse', 'extend']).optional().describe('Likewise.'),
  })
  .superRefine((input, context) => checkRule(input, context))

const share = z.number().min(0).max(1)
const shareSchema = z
  .object({
    share: share.describe('What of it the rule matches, 0 to 1.'),
    low: share.describe('So much at least, with 95 % certainty.'),
    high: share.describe('So much at most, with 95 % certainty.'),
    matched: count.describe('Samples that it matches.'),
    of: count.describe('Samples that were looked at.'),
  })
  .describe('A share of samples, weighted by what each stands for.')

export const previewTrafficSchema = z.object({
  seconds: count.describe('How far the samples reach back, at most a minute. 0: there are none.'),
  packets: shareSchema.describe('Of the packets to the target.'),
  bits: shareSchema.describe('Of the bits to the target.'),
  friends: shareSchema.describe(
    'Of the packets whose sources talked with the target both ways before: honest traffic, as far as it is known.',
  ),
})

export const rulePreviewSchema = z.object({
  rule: z.string().describe('As it would be announced: as far as the routers can have it.'),
  allowed: z.boolean(),
  refusals: z
    .array(z.object({ by: z.string(), reason: z.string() }))
    .describe('What would refuse it: rails of policy, and bounds of rules by people.'),
  underAttack: z.boolean().describe('Something is being done about an attack on the target.'),
  traffic: previewTrafficSchema.optional().describe('Missing: the engine cannot be asked.'),
})

export type RulePreviewRequest = z.infer<typeof rulePreviewInput>
export type RulePreview = z.infer<typeof rulePreviewSchema>
export type PreviewTraffic = z.infer<typeof previewTrafficSchema>
