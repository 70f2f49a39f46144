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

/** Programs and routers whose words a rule is written in. */
export const RULE_FORMATS = ['gobgp', 'exabgp', 'junos', 'ios-xr', 'nftables'] as const

export const routerPreviewSchema = z
  .object({
    router: z.string().describe('As in the settings of enforcement: junos, ios-xr.'),
    name: z.string().describe('For people.'),
    fit: z
      .enum(['as-is', 'degraded', 'refused'])
      .describe('degraded: it lets more pass than was asked for. refused: it cannot have this rule.'),
    rule: z.string().optional().describe('As it can have it. Missing: refused.'),
    reasons: z.array(z.string()).describe('Why it is not as it is.'),
    note: z.string().describe('What is to know about such routers.'),
    evidence: z
      .enum(['measured', 'documented', 'unverified'])
      .describe('How that is known: by us, by its vendor, by neither.'),
  })
  .describe('The rule as one kind of router can have it.')

export const wordedRuleSchema = z
  .object({
    format: z.enum(RULE_FORMATS),
    text: z.string().optional(),
    problem: z.string().optional().describe('Why it cannot be said so.'),
  })
  .describe('The rule in the words of a router or program.')

export const rulePreviewSchema = z.object({
  rule: z.string().describe('As it would be announced: as far as the routers can have it.'),
  allowed: z.boolean(),
  refusals: z
    .array(z.object({ by: z.string(), reason: z.string() }))
    .describe('What would refuse it: rails of policy, and bounds of rules by people.'),
  underAttack: z.boolean().describe('Something is being done about an attack on the target.'),
  traffic: previewTrafficSchema.optional().describe('Missing: the engine cannot be asked.'),
  routers: z.array(routerPreviewSchema).describe('Of each kind that enforces rules.'),
  words: z.array(wordedRuleSchema),
})

export type RulePreviewRequest = z.infer<typeof rulePreviewInput>
export type RulePreview = z.infer<typeof rulePreviewSchema>
export type RouterPreview = z.infer<typeof routerPreviewSchema>
export type WordedRule = z.infer<typeof wordedRuleSchema>
export type PreviewTraffic = z.infer<typeof previewTrafficSchema>
