// Says of rules what they take, and of each component why it is there.

import { printFlow } from '#lib/flowspec/print.ts'
import { type Component, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import type { Alternative, DistilledRule, DistillInput, Share } from './distillation.ts'
import type { Columns } from './fields.ts'
import { calmCount, type Ground } from './ground.ts'
import { type Predicate, ruleOf, testOf } from './predicate.ts'
import type { Match } from './search.ts'
import { shareOf } from './shares.ts'

/** Places of the samples that a list of predicates matches all of; what is untold is not matched. */
export function matchedOf(columns: Columns, predicates: readonly Predicate[]): number[] {
  const tests = predicates.map(predicate => testOf(predicate, columns, false))
  const matched: number[] = []
  for (let at = 0; at < columns.samples.length; at++) if (tests.every(test => test(at))) matched.push(at)
  return matched
}

export function explained(ground: Ground, rule: Rule, { predicates, signature }: Match): DistilledRule {
  const { attack, calm, input } = ground
  const ofAttack = shareOf(attack, matchedOf(attack, predicates))
  const ofCalm = calm.samples.length === 0 ? undefined : shareOf(calm, matchedOf(calm, predicates))
  const because = [targetSentence(input)]
  for (const component of rule.components) {
    if (component.type === 'destination' || (component.type === 'source' && input.source !== undefined))
      continue
    const predicate = predicates.find(({ field }) => field === component.type)
    if (predicate === undefined) continue
    because.push(sentenceOf(ground, component, predicates, predicate))
  }
  if (signature !== undefined) because.push(`the match follows the known signature of ${signature}`)
  return { rule, attack: ofAttack, ...(ofCalm === undefined ? {} : { normal: ofCalm }), because }
}

function targetSentence({ family, target, source }: DistillInput): string {
  const all: Component[] = [{ type: 'destination', prefix: target, offset: 0 }]
  if (source !== undefined) all.push({ type: 'source', prefix: source, offset: 0 })
  const ends = printFlow({ family, components: all })
  return source === undefined
    ? `${ends}: what is attacked`
    : `${ends}: who is attacked, and the host of ours that does it`
}

function sentenceOf(
  { attack, calm, input }: Ground,
  component: Component,
  predicates: readonly Predicate[],
  predicate: Predicate,
): string {
  const alone = shareOf(attack, matchedOf(attack, [predicate]))
  const has = `${textOf(component, input.family)}: ${percent(alone.share)} of what came during the attack`
  if (calm.samples.length === 0) return `${has}; nothing is known of normal traffic`
  const others = predicates.filter(one => one !== predicate)
  const [withIt, withoutIt] = [predicates, others].map(list => shareOf(calm, matchedOf(calm, list)))
  const ordinary = shareOf(calm, matchedOf(calm, [predicate]))
  const effect =
    withIt?.matched === withoutIt?.matched
      ? 'without it the rule would match more that was never seen, and no more of the flood'
      : `without it the rule would match ${percent(withoutIt?.share ?? 0)} of normal traffic, with it ${percent(withIt?.share ?? 0)}`
  return `${has}, ${percent(ordinary.share)} of normal traffic; ${effect}`
}

const textOf = (component: Component, family: 4 | 6) =>
  isPrefixComponent(component)
    ? printFlow({ family, components: [component] })
    : printFlow({ family, components: [component] }).replace(/^ipv[46] /, '')

/** With as many digits as a small share needs. */
export function percent(share: number): string {
  const value = share * 100
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2
  return `${value.toFixed(digits)} %`
}

/** All rules together, on both kinds of samples. */
export function together(
  { attack, calm }: Ground,
  lists: readonly (readonly Predicate[])[],
): { readonly attack: Share; readonly normal?: Share } {
  const union = (columns: Columns) =>
    shareOf(columns, new Set(lists.flatMap(list => matchedOf(columns, list))))
  return { attack: union(attack), ...(calm.samples.length === 0 ? {} : { normal: union(calm) }) }
}

export function alternativeOf(ground: Ground, match: Match, why: string): Alternative {
  const { attack, calm, input } = ground
  return {
    text: printFlow(ruleOf(input, match.predicates, [])),
    attack: shareOf(attack, matchedOf(attack, match.predicates)).share,
    normal: calm.samples.length === 0 ? undefined : shareOf(calm, matchedOf(calm, match.predicates)).share,
    why,
  }
}

/** Why a match was not taken, in words. */
export function whyNot(ground: Ground, match: Match): string {
  const { calm, costMax } = ground
  if (match.cost <= costMax)
    return 'another takes as much of the flood with less honest traffic or fewer components'
  const beside =
    calmCount(ground, calm.totalWeight) >= 1
      ? 'calm samples'
      : 'ordinary traffic, as nothing is known of the calm'
  return `too dear: ${percent(match.cost)} of honest traffic has to be expected in it by ${beside}, and ${percent(costMax)} is the most`
}
