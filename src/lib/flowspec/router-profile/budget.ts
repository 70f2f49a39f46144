// Makes many rules fit the room that a router has for them: first by writing them shorter, then by priority.

import { actionsKey, canonical, matchKey } from '../canonical.ts'
import { covers, uniteComponents } from '../cover.ts'
import { nlriLength } from '../encode.ts'
import { compareFlows } from '../order.ts'
import type { ComponentType, Rule } from '../rule.ts'

export interface Ranked {
  readonly rule: Rule
  /** Higher stays longer. */
  readonly priority: number
}

export interface Budget {
  readonly rules: number
  /** Octets that a merged rule may take; see `RouterProfile.largestNlri`. */
  readonly largestNlri: number
}

export interface BudgetFit {
  /** Highest priority first; as many as the budget has room for. */
  readonly kept: readonly Ranked[]
  /** For which there was no room. */
  readonly left: readonly Ranked[]
  /** Rules less than were given, without those left. */
  readonly mergedCount: number
}

/**
 * A packet meets the same actions before and after, but for what is left. Rules with a rate are only joined when they
 * are equal: one policer for the traffic of two would let less pass. The time grows with the square of the rules.
 */
export function fitBudget(rules: readonly Ranked[], budget: Budget): BudgetFit {
  let ranked = withoutDuplicates(rules.map(({ rule, priority }) => ({ rule: canonical(rule), priority })))
  if (ranked.length > budget.rules) {
    ranked = withoutCovered(ranked)
    for (let before = Number.POSITIVE_INFINITY; ranked.length < before && ranked.length > budget.rules; ) {
      before = ranked.length
      ranked = mergeOnce(ranked, budget)
    }
  }
  const sorted = [...ranked].sort((a, b) => b.priority - a.priority || compareFamilies(a, b))
  return {
    kept: sorted.slice(0, budget.rules),
    left: sorted.slice(budget.rules),
    mergedCount: rules.length - sorted.length,
  }
}

const compareFamilies = (a: Ranked, b: Ranked) =>
  a.rule.family - b.rule.family || compareFlows(a.rule, b.rule)

/** BGP holds one rule for a match; the later of two replaces the former, as it does there. */
function withoutDuplicates(rules: readonly Ranked[]): Ranked[] {
  const byMatch = new Map<string, Ranked>()
  for (const ranked of rules) {
    const key = matchKey(ranked.rule)
    const before = byMatch.get(key)
    byMatch.set(key, { ...ranked, priority: Math.max(ranked.priority, before?.priority ?? ranked.priority) })
  }
  return [...byMatch.values()]
}

function withoutCovered(rules: readonly Ranked[]): Ranked[] {
  const left = new Set(rules)
  for (const inner of rules) {
    const outer = [...left].find(one => one !== inner && mayJoin(one, inner) && covers(one.rule, inner.rule))
    if (outer === undefined || !keepsOrder([...left], [inner.rule, outer.rule], outer.rule)) continue
    left.delete(inner)
    left.delete(outer)
    left.add({ rule: outer.rule, priority: Math.max(outer.priority, inner.priority) })
  }
  return [...left]
}

/** Joins rules that differ in one component, each at most once. */
function mergeOnce(rules: readonly Ranked[], budget: Budget): Ranked[] {
  const types = new Set(rules.flatMap(({ rule }) => rule.components.map(({ type }) => type)))
  let all = [...rules]
  for (const type of types) {
    const groups = Map.groupBy(
      all.filter(({ rule }) => rule.components.some(part => part.type === type)),
      ({ rule }) => keyWithout(rule, type),
    )
    for (const group of groups.values()) {
      const [first, ...others] = group
      let open = first
      for (const other of others) {
        if (all.length <= budget.rules) return all
        const merged = open && merge(open, other, type)
        const isGood =
          open &&
          merged &&
          nlriLength(merged.rule) <= budget.largestNlri &&
          keepsOrder(all, [open.rule, other.rule], merged.rule)
        if (!isGood) {
          open = other
          continue
        }
        all = [...all.filter(one => one !== open && one !== other), merged]
        open = merged
      }
    }
  }
  return withoutDuplicates(all)
}

const keyWithout = (rule: Rule, type: ComponentType) =>
  `${matchKey({ family: rule.family, components: rule.components.filter(part => part.type !== type) })} ${actionsKey(rule.actions)}`

function merge(a: Ranked, b: Ranked, type: ComponentType): Ranked | undefined {
  if (!mayJoin(a, b)) return undefined
  const other = b.rule.components.find(part => part.type === type)
  const components = a.rule.components.map(part =>
    part.type === type && other !== undefined ? uniteComponents(part, other) : part,
  )
  const whole = components.filter(part => part !== undefined)
  if (whole.length < components.length) return undefined
  return { rule: { ...a.rule, components: whole }, priority: Math.max(a.priority, b.priority) }
}

const mayJoin = (a: Ranked, b: Ranked) =>
  a.rule.family === b.rule.family &&
  actionsKey(a.rule.actions) === actionsKey(b.rule.actions) &&
  !a.rule.actions.some(({ kind }) => kind === 'rate-bytes' || kind === 'rate-packets')

/** Whether the joined rule stands to each rule of other actions as the parts did: the first that matches decides. */
function keepsOrder(all: readonly Ranked[], parts: readonly Rule[], joined: Rule): boolean {
  const actions = actionsKey(joined.actions)
  return all.every(({ rule }) => {
    if (rule.family !== joined.family || actionsKey(rule.actions) === actions) return true
    const side = Math.sign(compareFlows(joined, rule))
    return side !== 0 && parts.every(part => Math.sign(compareFlows(part, rule)) === side)
  })
}
