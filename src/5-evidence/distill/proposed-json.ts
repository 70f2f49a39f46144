// What is proposed against an attack as JSON, for reports and the API.

import { printRule } from '#lib/flowspec/print.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { Alternative, Distilled, DistilledRule, Share } from './distillation.ts'
import { type ProposedRules, proposedText, towards } from './proposed-rules.ts'
import type { ProposedJson } from './proposed-schema.ts'

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
