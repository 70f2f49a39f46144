// Says of rules what they take, and of each component why it is there.

import { printFlow } from '#lib/flowspec/print.ts'
import { type Component, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import type { Alternative, DistilledRule, DistillInput, Share } from './distillation.ts'
import type { Columns } from './fields.ts'
import { calmCount, type Ground } from './ground.ts'
import { type Predicate, predicateKey, ruleOf } from './predicate.ts'
import type { Match } from './search.ts'
import { marked } from './select.ts'
import { shareOf } from './shares.ts'

/** The share of the samples that match all of the predicates. */
const shareMatched = (columns: Columns, predicates: readonly Predicate[]): Share =>
  shareOf(columns, marked(columns, predicates))

export function explained(ground: Ground, rule: Rule, { predicates, signature }: Match): DistilledRule {
  const { input, attack, calm } = ground
  const normal = calm.samples.length === 0 ? undefined : shareMatched(calm, predicates)
  const because = [targetSentence(input)]
  for (const component of rule.components) {
    if (component.type === 'destination' || (component.type === 'source' && input.source !== undefined))
      continue
    const predicate = predicates.find(({ field }) => field === component.type)
    if (predicate !== undefined)
      because.push(sentenceOf(ground, component, { predicate, predicates, normal }))
  }
  const keys = new Set(predicates.map(predicateKey))
  if (signature?.predicates.every(one => keys.has(predicateKey(one))))
    because.push(`the match follows the known signature of ${signature.name}`)
  return {
    rule,
    attack: shareMatched(attack, predicates),
    ...(normal === undefined ? {} : { normal }),
    because,
  }
}

function targetSentence({ family, target, source }: DistillInput): string {
  const all: Component[] = [{ type: 'destination', prefix: target, offset: 0 }]
  if (source !== undefined) all.push({ type: 'source', prefix: source, offset: 0 })
  const ends = printFlow({ family, components: all })
  return source === undefined
    ? `${ends}: what is attacked`
    : `${ends}: who is attacked, and the host of ours that does it`
}

interface Reasons {
  readonly predicate: Predicate
  readonly predicates: readonly Predicate[]
  readonly normal: Share | undefined
}

function sentenceOf({ attack, calm, input }: Ground, component: Component, reasons: Reasons): string {
  const { predicate, predicates, normal } = reasons
  const alone = shareMatched(attack, [predicate])
  const has = `${textOf(component, input.family)}: ${percent(alone.share)} of what came during the attack`
  if (normal === undefined) return `${has}; nothing is known of normal traffic`
  const withoutIt = shareMatched(
    calm,
    predicates.filter(one => one !== predicate),
  )
  const effect =
    normal.matched === withoutIt.matched
      ? 'without it the rule would also match what nobody sent in calm'
      : `without it the rule would match ${percent(withoutIt.share)} of normal traffic, with it ${percent(normal.share)}`
  return `${has}, ${percent(shareMatched(calm, [predicate]).share)} of normal traffic; ${effect}`
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
  const union = (columns: Columns) => {
    const any = new Uint8Array(columns.samples.length)
    for (const list of lists) {
      const all = marked(columns, list)
      for (let at = 0; at < any.length; at++) any[at]! |= all[at]!
    }
    return shareOf(columns, any)
  }
  return { attack: union(attack), ...(calm.samples.length === 0 ? {} : { normal: union(calm) }) }
}

export function alternativeOf({ attack, calm, input }: Ground, match: Match, why: string): Alternative {
  return {
    text: printFlow(ruleOf(input, match.predicates, [])),
    attack: match.attackWeight / attack.totalWeight,
    normal: calm.totalWeight === 0 ? undefined : match.calmWeight / calm.totalWeight,
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
