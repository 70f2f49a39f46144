// The schema of what is proposed against an attack, for reports.

import { z } from 'zod'

const part = z.number().min(0).max(1)

const shareSchema = z.strictObject({
  share: part,
  low: part.describe('The interval in which it lies with 95 % certainty.'),
  high: part,
  matched: z.int().nonnegative().describe('Samples.'),
  of: z.int().nonnegative(),
})

export const proposedSchema = z
  .strictObject({
    at: z.iso.datetime().describe('When the packets were seen it comes from, UTC.'),
    result: z
      .enum(['rules', 'inseparable', 'too-few'])
      .describe(
        'inseparable: whatever takes the flood takes honest traffic as well, so nothing is discarded.',
      ),
    text: z.string().describe('All of it in one phrase.'),
    targets: z.array(z.string()).describe('Destinations the rules hold for; each rule names the first.'),
    rules: z.array(
      z.strictObject({
        rule: z.string().describe('As it would be announced, with the action discard.'),
        attack: shareSchema.describe('Of the packets seen during the attack.'),
        normal: shareSchema.optional().describe('Of calm packets; missing: none are known.'),
        because: z.array(z.string()).describe('A sentence for each component.'),
      }),
    ),
    attack: shareSchema.optional().describe('What all rules take of the packets seen during the attack.'),
    normal: shareSchema.optional(),
    before: shareSchema
      .optional()
      .describe('What the rules of before take of these packets: the rest would have passed.'),
    reason: z.string().optional().describe('Why there is no rule.'),
    nextAction: z.enum(['rate-limit', 'divert']).optional().describe('What is worth trying instead.'),
    alternatives: z
      .array(
        z.strictObject({
          ...{ text: z.string(), attack: part, normal: part.optional(), why: z.string() },
        }),
      )
      .describe('What else was looked at, and why it was not taken.'),
  })
  .describe('Rules that packets of the attack suggest. Playbooks say what is done with them.')

export type ProposedJson = z.infer<typeof proposedSchema>
