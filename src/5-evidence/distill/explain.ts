// Says of rules what they take, and of each component why it is there.

import { printFlow } from '#lib/flowspec/print.ts'
import { type Component, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import type { Alternative, DistilledRule, DistillInput, Share } from './distillation.ts'
import type { Columns } from './fields.ts'
import { calmCount, type Ground } from './ground.ts'
import { type Predicate, ruleOf, testOf } from './predicate.ts'
import type { Match } from './search.ts'
import { shareOf } from './shares.ts'

/** Whether each sample matches each of the predicates; what is untold is not matched. */
class Marks {
  readonly columns: Columns
  readonly #marks: Map<Predicate, Uint8Array>

  constructor(columns: Columns, predicates: readonly Predicate[]) {
    this.columns = columns
    this.#marks = new Map(
      predicates.map(predicate => {
        const test = testOf(predicate, columns, false)
        return [predicate, Uint8Array.from(columns.samples, (_, at) => (test(at) ? 1 : 0))]
      }),
    )
  }

  /** Marks of the samples that match all of these. */
  all(predicates: Iterable<Predicate>): Uint8Array {
    const all = new Uint8Array(this.columns.samples.length).fill(1)
    for (const predicate of predicates) {
      const marks = this.#marks.get(predicate)
      if (marks !== undefined) for (let at = 0; at < all.length; at++) all[at]! &= marks[at]!
    }
    return all
  }

  share(predicates: Iterable<Predicate>): Share {
    return shareOf(this.columns, this.all(predicates))
  }
}

export function explained(ground: Ground, rule: Rule, { predicates, signature }: Match): DistilledRule {
  const { input } = ground
  const attack = new Marks(ground.attack, predicates)
  const calm = ground.calm.samples.length === 0 ? undefined : new Marks(ground.calm, predicates)
  const because = [targetSentence(input)]
  for (const component of rule.components) {
    if (component.type === 'destination' || (component.type === 'source' && input.source !== undefined))
      continue
    const predicate = predicates.find(({ field }) => field === component.type)
    if (predicate !== undefined)
      because.push(sentenceOf(input.family, component, { predicate, predicates, attack, calm }))
  }
  if (signature !== undefined) because.push(`the match follows the known signature of ${signature}`)
  const normal = calm?.share(predicates)
  return { rule, attack: attack.share(predicates), ...(normal === undefined ? {} : { normal }), because }
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
  readonly attack: Marks
  readonly calm: Marks | undefined
}

function sentenceOf(family: 4 | 6, component: Component, reasons: Reasons): string {
  const { predicate, predicates, attack, calm } = reasons
  const alone = attack.share([predicate])
  const has = `${textOf(component, family)}: ${percent(alone.share)} of what came during the attack`
  if (calm === undefined) return `${has}; nothing is known of normal traffic`
  const withIt = calm.share(predicates)
  const withoutIt = calm.share(predicates.filter(one => one !== predicate))
  const effect =
    withIt.matched === withoutIt.matched
      ? 'without it the rule would also match what nobody sent in calm'
      : `without it the rule would match ${percent(withoutIt.share)} of normal traffic, with it ${percent(withIt.share)}`
  return `${has}, ${percent(calm.share([predicate]).share)} of normal traffic; ${effect}`
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
      const all = new Marks(columns, list).all(list)
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
