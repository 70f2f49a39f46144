// Templates: rules that people need often, made together; and the default pack, which goes on until somebody withdraws it.

import { z } from 'zod'
import { ifExists, oneEnd, ruleMatchInput, ruleReason, ruleSchema, ruleSpan } from './rules.ts'
import { count, targetInput } from './values.ts'

export const TEMPLATES = ['web', 'mail', 'dns', 'ntp'] as const
/** The pack, where templates are listed. */
export const PACK = 'default-pack'

const templateRuleSchema = z.object({
  what: z.string().describe('What it is about, in a few words.'),
  match: ruleMatchInput,
  action: z.enum(['discard', 'rate-limit']),
  bitsPerSecond: z.number().optional(),
})

export const templatesSchema = z.object({
  templates: z.array(
    z.object({
      name: z.enum([...TEMPLATES, PACK]),
      what: z.string(),
      rules: z.array(templateRuleSchema).describe('As they are for IPv4.'),
    }),
  ),
})

export const templateInput = z
  .strictObject({
    name: z.enum(TEMPLATES).describe('What the server is for.'),
    target: targetInput.describe('IPv4 or IPv6 address or prefix of the server.'),
    ports: z
      .array(z.int().min(0).max(65_535))
      .max(15)
      .default([])
      .describe('Where it is reached, in place of the usual ports of the service.'),
    ...ruleSpan,
    ...{ reason: ruleReason, ifExists },
  })
  .superRefine(oneEnd)

export const packInput = z
  .strictObject({
    networks: z
      .array(targetInput)
      .min(1)
      .max(256)
      .optional()
      .describe('For these networks. Missing: for all of ours.'),
    until: ruleSpan.until,
    ttlSeconds: ruleSpan.ttlSeconds.describe(
      'It ends after so long. Missing, and no until: it is extended by itself until somebody withdraws it.',
    ),
    ...{ reason: ruleReason, ifExists: ifExists.default('extend') },
  })
  .refine(({ until, ttlSeconds }) => until === undefined || ttlSeconds === undefined, {
    ...{ error: 'expected until or ttlSeconds, not both', path: ['ttlSeconds'] },
  })

export const packMadeSchema = z.object({
  results: z
    .array(
      z.object({
        what: z.string(),
        target: z.string(),
        outcome: z.enum(['created', 'extended', 'refused']),
        rule: ruleSchema.optional().describe('Missing: it was refused.'),
        code: z.string().optional().describe('Why it was refused, as in the catalogue of errors.'),
        problem: z.string().optional(),
      }),
    )
    .describe('One for each rule: one that is refused does not keep the others from being made.'),
  made: count.describe('How many were created or extended.'),
})

export type Templates = z.infer<typeof templatesSchema>
export type TemplateRequest = z.infer<typeof templateInput>
export type PackRequest = z.infer<typeof packInput>
export type PackMade = z.infer<typeof packMadeSchema>
