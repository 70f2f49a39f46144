// What is proposed against an attack as JSON, for reports and the API.

import { z } from 'zod'
import { printRule } from '#lib/flowspec/print.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { Alternative, Distilled, DistilledRule, Share } from './distillation.ts'
import { type ProposedRules, proposedText, towards } from './proposed-rules.ts'

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

export function proposedJson(proposed: ProposedRules): ProposedJson {
  const { at, targets, distilled, before } = proposed
  return {
    at: new Date(at).toISOString(),
    result: distilled.kind,
    text: proposedText(proposed),
    targets: [...targets],
    rules: distilled.kind === 'rules' ? distilled.rules.map(rule => ruleJson(rule, targets[0])) : [],
    ...outcomeOf(distilled),
    ...(before === undefined ? {} : { before: shareJson(before) }),
  }
}

function outcomeOf(distilled: Distilled): Pick<ProposedJson, 'alternatives'> & Partial<ProposedJson> {
  if (distilled.kind === 'too-few')
    return { reason: `at least ${distilled.needed} packets are needed`, alternatives: [] }
  const { attack, normal, alternatives } = distilled
  return {
    attack: shareJson(attack),
    ...(normal === undefined ? {} : { normal: shareJson(normal) }),
    ...(distilled.kind === 'inseparable'
      ? { reason: distilled.reason, nextAction: distilled.nextAction }
      : {}),
    alternatives: alternatives.map(alternativeJson),
  }
}

function ruleJson(
  { rule, attack, normal, because }: DistilledRule,
  first: string | undefined,
): ProposedJson['rules'][number] {
  const target = parsePrefix(first ?? '')
  return {
    rule: printRule(target === undefined ? rule : towards(rule, target)),
    attack: shareJson(attack),
    ...(normal === undefined ? {} : { normal: shareJson(normal) }),
    because: [...because],
  }
}

const alternativeJson = ({
  text,
  attack,
  normal,
  why,
}: Alternative): ProposedJson['alternatives'][number] => ({
  ...{ text, attack: rounded(attack), why },
  ...(normal === undefined ? {} : { normal: rounded(normal) }),
})

const shareJson = ({ share, low, high, matched, of }: Share) => ({
  ...{ share: rounded(share), low: rounded(low), high: rounded(high), matched, of },
})

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
