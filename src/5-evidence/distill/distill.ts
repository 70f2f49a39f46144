// Out of the samples of an attack and of calm, the fewest FlowSpec rules that take the flood and spare the rest.
//
// A decision list: the best match is taken, what it matches is set aside, and the rest is looked at again, until there is no
// flood left to speak of or no room for a rule. How a match is found and judged: docs/adr/0036-distilling.md.

import { covers } from '#lib/flowspec/cover.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import type {
  Alternative,
  Distill,
  Distilled,
  DistilledRule,
  DistillInput,
  NextAction,
} from './distillation.ts'
import { alternativeOf, explained, percent, together, whyNot } from './explain.ts'
import { type Cell, floodOf, type Ground, groundOf, wholeCell, without } from './ground.ts'
import { conjunctionKey, type Predicate, ruleOf } from './predicate.ts'
import { readable, withinRoom } from './readable.ts'
import { type Match, seek } from './search.ts'
import { signaturesOf } from './signatures.ts'

/** As many as a report of a bare detector has; below them nothing is decided. */
export const SAMPLES_MIN = 20
/** Of the flood: what is left of less is let be. */
const REST = 0.01
/** Of the flood: less is not worth a rule. */
const RULE_PART = 0.04
const FIRST_PART = 0.1
/** Of the honest traffic's own volume: an excess that is smaller may be honest itself. */
const HONEST_PART = 0.15
/** Of the flood: rules that take less of it together leave the target as it was. */
const COVERAGE_MIN = 0.3
/** Rules by lengths have to take so much. */
const COVERAGE_WHOLE = 0.8
/** Of the samples during an attack, when neither calm nor rates are known. */
const HONEST_GUESS = 0.2
const SURELY = 1.3
/** From about so many calm samples on, what they do not show is little. */
const CALM_ENOUGH = 500
const ALTERNATIVES_MAX = 5

export const distill: Distill = input => {
  const ground = groundOf(input)
  const samples = ground.attack.samples.length
  if (samples < SAMPLES_MIN) return { kind: 'too-few', samples, needed: SAMPLES_MIN }
  const unfit = routerProblem(input)
  if (unfit !== undefined) return inseparable(ground, [], unfit, 'divert')
  const found = decisionList(ground)
  const { others } = found
  const taken = complete(ground, found.taken)
  const made = withinRoom(taken.map(match => madeRules(ground, match)).filter(isAny), input.rulesMax)
  const rules = withoutCovered(made.map(({ rule }) => rule))
  const shares = together(
    ground,
    made.map(({ predicates }) => predicates),
  )
  // Of a match that became more rules than there is room for, only what the others take counts.
  const coverage = Math.min(coverageOf(ground, taken), shares.attack.share / (1 - ground.honest))
  if (rules.length === 0 || coverage < COVERAGE_MIN) return refusal(ground, found.taken, others)
  const chosen = new Set(taken.map(({ predicates }) => conjunctionKey(predicates)))
  return {
    kind: 'rules',
    rules: rules.sort((a, b) => b.attack.share - a.attack.share),
    ...shares,
    alternatives: alternatives(
      ground,
      others.filter(({ predicates }) => !chosen.has(conjunctionKey(predicates))),
    ),
  }
}

/** Matches in the order in which they were taken, each from what those before it left. */
function decisionList(ground: Ground): {
  readonly taken: readonly Match[]
  readonly others: readonly Match[]
} {
  const signatures = signaturesOf(ground)
  const whole = 1 - ground.honest
  const taken: Match[] = []
  let others: readonly Match[] = []
  let rest: Cell = wholeCell(ground)
  for (let spent = 0; taken.length < ground.input.rulesMax; ) {
    const part = taken.length === 0 ? FIRST_PART : RULE_PART
    const guard = Math.max(HONEST_PART * ground.honest, unknownHonest(ground))
    const floodMin = Math.max(part * whole, guard)
    const namedFloodMin = Math.max(REST * whole, unknownHonest(ground))
    if (floodOf(ground, rest.attackWeight, rest.calmWeight) < namedFloodMin) break
    const found = seek(ground, rest, { spent, floodMin, namedFloodMin, signatures })
    if (taken.length === 0) others = found.others
    if (found.best === undefined) break
    taken.push(found.best)
    spent += found.best.cost
    rest = without(ground, rest, found.best.predicates)
  }
  return { taken, others }
}

/**
 * What may be honest though no calm sample shows it, as a share of the samples during the attack. A rule has to take more:
 * where calm is hardly known, a kind of packets that is as much as all honest traffic may be just that.
 */
function unknownHonest({ calm, honest, input }: Ground): number {
  const most = input.normalRate ?? (calm.samples.length === 0 ? HONEST_GUESS : honest)
  return (SURELY * most * CALM_ENOUGH) / (CALM_ENOUGH + calm.effective)
}

/** Without those that only take some lengths of a flood that has others, unless all together take most of it. */
function complete(ground: Ground, taken: readonly Match[]): readonly Match[] {
  return coverageOf(ground, taken) >= COVERAGE_WHOLE ? taken : taken.filter(({ isPart }) => !isPart)
}

const coverageOf = ({ honest }: Ground, taken: readonly Match[]) =>
  taken.reduce((sum, { flood }) => sum + flood, 0) / (1 - honest)

/** A match that was found later may hold all of an earlier one. */
const withoutCovered = (rules: readonly DistilledRule[]): DistilledRule[] =>
  rules.filter(({ rule }, at) => !rules.some((other, place) => place > at && covers(other.rule, rule)))

interface Made {
  readonly rule: DistilledRule
  readonly predicates: readonly Predicate[]
}

const isAny = (list: readonly unknown[]): boolean => list.length > 0

/** As the router has them, what takes most first; a rule that it cannot have is none. */
function madeRules(ground: Ground, match: Match): Made[] {
  const { input } = ground
  return readable(match.predicates)
    .flatMap(predicates => {
      const rule = fitted(input, ruleOf(input, predicates, [input.action]))
      return rule === undefined
        ? []
        : [{ rule: explained(ground, rule, { ...match, predicates }), predicates }]
    })
    .sort((a, b) => b.rule.attack.share - a.rule.attack.share)
}

function fitted({ router }: DistillInput, rule: Rule): Rule | undefined {
  if (router === undefined) return rule
  const result = fit(rule, router, { allowWider: false })
  return result.kind === 'as-is' ? rule : result.kind === 'degraded' ? result.rule : undefined
}

/** Why the router can have no rule about the target at all. */
function routerProblem(input: DistillInput): string | undefined {
  if (input.router === undefined) return undefined
  const bare = fit(ruleOf(input, [], [input.action]), input.router, { allowWider: false })
  return bare.kind === 'refused' ? bare.reasons.join('; ') : undefined
}

function refusal(ground: Ground, taken: readonly Match[], others: readonly Match[]): Distilled {
  const whole = 1 - ground.honest
  const all = [...taken, ...others].filter(({ predicates }) => predicates.length > 0)
  const near = all.filter(({ flood }) => flood >= 0.8 * whole).sort((a, b) => a.cost - b.cost)[0]
  if (near === undefined)
    return inseparable(
      ground,
      others,
      'no match describes the flood: its packets have nothing in common that a rule can ask',
      'divert',
    )
  const text = alternativeOf(ground, near, '').text
  const reason = `what tells the flood best, ${text}, takes ${percent(near.flood / whole)} of it and ${percent(near.cost)} of the honest traffic as well, and ${percent(ground.costMax)} is the most`
  return inseparable(ground, others, reason, near.cost < 0.5 ? 'rate-limit' : 'divert')
}

function inseparable(
  ground: Ground,
  others: readonly Match[],
  reason: string,
  nextAction: NextAction,
): Distilled {
  return {
    kind: 'inseparable',
    reason,
    nextAction,
    ...together(ground, []),
    alternatives: alternatives(ground, others),
  }
}

const alternatives = (ground: Ground, others: readonly Match[]): Alternative[] =>
  others
    .filter(({ predicates }) => predicates.length > 0)
    .slice(0, ALTERNATIVES_MAX)
    .map(match => alternativeOf(ground, match, whyNot(ground, match)))
