// What was distilled as JSON: one documented, versioned shape for programs. A new version number means a changed meaning.

import { z } from 'zod'
import { printAction, printFlow, printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import type { Distilled, DistilledRule, Share } from './distillation.ts'

/** Name and version of the shape. */
export const DISTILLED_SCHEMA = 'floodwarden.distilled/1'

const part = z.number().min(0).max(1)
const count = z.int().nonnegative()

const shareSchema = z.strictObject({
  share: part.describe('Of the packets they stand for.'),
  low: part.describe('With `high`: where the share lies with 95 % certainty.'),
  high: part,
  matched: count.describe('Samples that are matched.'),
  of: count.describe('Samples that were looked at.'),
})

const ruleSchema = z.strictObject({
  text: z.string().describe('In the grammar of docs/reference/flowspec.md.'),
  family: z.union([z.literal(4), z.literal(6)]),
  match: z.record(z.string(), z.string()).describe('Components by type, each in that grammar.'),
  actions: z.array(z.string()),
  attack: shareSchema.describe('Of the samples of the attack.'),
  normal: shareSchema.nullable().describe('Of the calm samples; null: none are known.'),
  because: z.array(z.string()).describe('A sentence for each component.'),
})

const alternativeSchema = z.strictObject({
  text: z.string(),
  attack: part,
  normal: part.nullable(),
  why: z.string().describe('Why it was not taken.'),
})

export const distilledSchema = z
  .strictObject({
    schema: z.literal(DISTILLED_SCHEMA).describe('Which shape this is.'),
    mode: z.enum(['floodwarden', 'ddps']),
    form: z.string().describe('What was read: a text report, a JSON report or a capture.'),
    direction: z.enum(['incoming', 'outgoing']),
    target: z.string().describe('Prefix that each rule has as its destination.'),
    source: z.string().nullable().describe('Prefix an outgoing attack comes from.'),
    samples: count.describe('Packets or flows of the attack that were looked at.'),
    normalSamples: count.nullable().describe('Of calm; null: no file of them was given.'),
    vectors: z.array(z.strictObject({ vector: z.string(), share: part })),
    outcome: z.enum(['rules', 'inseparable', 'too-few']),
    reason: z.string().nullable().describe('Why there are no rules.'),
    nextAction: z
      .enum(['rate-limit', 'divert'])
      .nullable()
      .describe('What to do instead when rules cannot tell the attack from honest traffic.'),
    rules: z.array(ruleSchema).describe('What takes most of the attack first.'),
    attack: shareSchema.nullable().describe('All rules together.'),
    normal: shareSchema.nullable(),
    alternatives: z.array(alternativeSchema),
    notes: z.array(z.string()).describe('What was left out, and why.'),
  })
  .describe('Rules distilled from samples of an attack.')

export type DistilledJson = z.infer<typeof distilledSchema>

/** What the caller knows beside the outcome. */
export type DistilledFacts = Pick<
  DistilledJson,
  'mode' | 'form' | 'direction' | 'target' | 'source' | 'samples' | 'normalSamples' | 'vectors' | 'notes'
>

export function distilledJson(distilled: Distilled, facts: DistilledFacts): DistilledJson {
  const { notes, ...others } = facts
  const isTooFew = distilled.kind === 'too-few'
  return {
    schema: DISTILLED_SCHEMA,
    ...others,
    outcome: distilled.kind,
    reason: reasonOf(distilled),
    nextAction: distilled.kind === 'inseparable' ? distilled.nextAction : null,
    rules: distilled.kind === 'rules' ? distilled.rules.map(ruleFacts) : [],
    attack: isTooFew ? null : shareFacts(distilled.attack),
    normal: isTooFew || distilled.normal === undefined ? null : shareFacts(distilled.normal),
    alternatives: isTooFew
      ? []
      : distilled.alternatives.map(({ text, attack, normal, why }) => ({
          ...{ text, attack: inMillionths(attack) },
          ...{ normal: normal === undefined ? null : inMillionths(normal), why },
        })),
    notes: [...notes],
  }
}

/** Why there are no rules; null when there are. */
export function reasonOf(distilled: Distilled): string | null {
  switch (distilled.kind) {
    case 'rules':
      return null
    case 'inseparable':
      return distilled.reason
    case 'too-few':
      return `${distilled.samples} samples are too few to decide: ${distilled.needed} are needed`
  }
}

function ruleFacts({ rule, attack, normal, because }: DistilledRule): DistilledJson['rules'][number] {
  return {
    text: printRule(rule),
    family: rule.family,
    match: matchOf(rule),
    actions: rule.actions.map(printAction),
    attack: shareFacts(attack),
    normal: normal === undefined ? null : shareFacts(normal),
    because: [...because],
  }
}

/** A component alone prints as its type and, behind a blank, what it tests. */
function matchOf({ components }: Rule): Record<string, string> {
  return Object.fromEntries(
    components.map(component => {
      const text = printFlow({ family: 4, components: [component] }).replace(/^ipv4 /, '')
      return [component.type, text.slice(component.type.length + 1)]
    }),
  )
}

const shareFacts = ({ share, low, high, matched, of }: Share): DistilledJson['rules'][number]['attack'] => ({
  share: inMillionths(share),
  low: inMillionths(low),
  high: inMillionths(high),
  matched,
  of,
})

/** What is left beyond is an error of arithmetic. */
const inMillionths = (value: number): number => Math.min(1, Math.max(0, Math.round(value * 1e6) / 1e6))
