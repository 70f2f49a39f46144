// Rules of a step from what the packets of the attack were distilled into: those that take the flood and spare the rest.
//
// While they are sought nothing new is begun: they are there a moment after the attack opens. Where there are none in time, or
// too few packets were seen, the rules are those of the vectors. Where nothing tells the flood from honest traffic nothing is
// discarded, and the next step of the playbook is due.

import type { Attack } from '#4-detection/attack.ts'
import type { Distilled, DistilledRule } from '#5-evidence/distill/distillation.ts'
import { type ProposedRules, takesText, towards } from '#5-evidence/distill/proposed-rules.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Action as RuleAction } from '#lib/flowspec/rule.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { Action } from './action.ts'
import { type FilterRules, filterRules, type MadeRule, madeRule, type RuleFacts } from './filter-rule.ts'

/** What is known of the rules that are sought for an attack. */
export type Distilling =
  /** They are expected any moment. */
  | { readonly kind: 'sought' }
  /** They are late, as when very many attacks stand in line. */
  | { readonly kind: 'late' }
  | { readonly kind: 'known'; readonly proposed: ProposedRules }

export interface DistilledFacts extends RuleFacts {
  /** Missing: nobody seeks any. */
  readonly distilling?: Distilling
  /** What is held for the attack already. */
  readonly held?: readonly Action[]
}

export type StepRules =
  | (FilterRules & { readonly kind: 'rules' })
  | { readonly kind: 'sought'; readonly reason: string }
  | { readonly kind: 'inseparable'; readonly reason: string }

/** The rules with this action. */
export function distilledRules(attack: Attack, action: RuleAction, facts: DistilledFacts): StepRules {
  const { distilling } = facts
  if (distilling === undefined) return byVectors(attack, action, facts)
  if (distilling.kind !== 'known') {
    const held = heldRules(action, facts.held ?? [])
    if (held.length > 0) return { kind: 'rules', rules: held, problems: [] }
    if (distilling.kind === 'late') return byVectors(attack, action, facts)
    return { kind: 'sought', reason: 'rules are being sought in its packets' }
  }
  const { proposed } = distilling
  switch (proposed.distilled.kind) {
    case 'rules':
      return { kind: 'rules', ...rulesOf(proposed, proposed.distilled, action, facts) }
    case 'inseparable':
      return action.kind === 'discard'
        ? {
            kind: 'inseparable',
            reason: `${proposed.distilled.reason}; worth trying instead: ${proposed.distilled.nextAction}`,
          }
        : byVectors(attack, action, facts)
    case 'too-few':
      return tooFew(attack, action, facts, proposed.distilled)
  }
}

const byVectors = (attack: Attack, action: RuleAction, facts: RuleFacts): StepRules => ({
  kind: 'rules',
  ...filterRules(attack, action, facts),
})

/** What is not even named is not discarded by its protocol alone. */
function tooFew(
  attack: Attack,
  action: RuleAction,
  facts: RuleFacts,
  { samples, needed }: Extract<Distilled, { kind: 'too-few' }>,
): StepRules {
  const isNamed = (attack.finding?.parts ?? []).some(({ vector }) => vector !== 'unknown')
  if (isNamed || action.kind !== 'discard') return byVectors(attack, action, facts)
  const problem = `${samples} of its packets were seen, at least ${needed} are needed to seek a rule, and no vector is known`
  return { kind: 'rules', rules: [], problems: [problem] }
}

/** Until it is known what is right, what is there stays: as after a restart. */
function heldRules(action: RuleAction, held: readonly Action[]): MadeRule[] {
  const wanted = actionKey(action)
  return held.flatMap(one => {
    const parsed = one.kind === 'filter' ? parseRule(one.rule) : undefined
    if (one.kind !== 'filter' || parsed?.kind !== 'parsed') return []
    const rule = parsed.value
    return rule.actions.some(its => actionKey(its) === wanted)
      ? [{ text: one.rule, rule, note: undefined }]
      : []
  })
}

const actionKey = (action: RuleAction): string => printRule({ family: 4, components: [], actions: [action] })

function rulesOf(
  { targets }: ProposedRules,
  distilled: Extract<Distilled, { kind: 'rules' }>,
  action: RuleAction,
  { flowspecRouter }: RuleFacts,
): FilterRules {
  const rules = new Map<string, MadeRule>()
  const problems = new Set<string>()
  const prefixes = targets.flatMap(text => parsePrefix(text) ?? [])
  for (const one of distilled.rules) {
    for (const target of prefixes) {
      const rule = { ...towards(one.rule, target), actions: [action] }
      const made = madeRule(rule, 'what its packets have in common', flowspecRouter)
      if (typeof made === 'string') problems.add(made)
      else rules.set(made.key, { ...made.rule, note: noteOf(one, made.rule.note) })
    }
  }
  return { rules: [...rules.values()], problems: [...problems] }
}

const noteOf = (rule: DistilledRule, other: string | undefined): string =>
  [`distilled from its packets: ${takesText(rule)}`, ...(other === undefined ? [] : [other])].join('; ')
