// What is proposed while an attack lasts: rules follow the flood without flapping (follow-rules.ts), and are kept where that may be wrong.
//
// Rules of before stay a while beside those that take their place, because what a router drops before us is not seen any
// more. Between rules and "inseparable" two results in a row have to agree.

import { matchKey } from '#lib/flowspec/canonical.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { counterfactual } from './counterfactual.ts'
import type { Distilled, DistilledRule, DistillInput, Share } from './distillation.ts'
import { type Followed, followOf, followRules } from './follow-rules.ts'

/** Rules that take this part of what they took when they were made still do, when nothing new is found. */
const STILL_PART = 0.9
/** A rule that others have taken the place of stays so long. */
const HELD_MS = 60_000

type Rules = Extract<Distilled, { kind: 'rules' }>

export interface Damped {
  /** What holds. */
  readonly distilled: Distilled
  /** Of rules that hold. */
  readonly followed: Followed | undefined
  /** Rules others have taken the place of, by match, and until when they stay, wall clock ms. */
  readonly leaving: ReadonlyMap<string, number>
  /** The latest result speaks against what holds: it is worth looking again soon. */
  readonly isDoubted: boolean
  /** From few packets. */
  readonly isPreliminary?: true
}

export interface Damping {
  readonly damped: Damped
  /** How much of the packets of now the rules of before take; missing: there were none. */
  readonly before?: Share
}

/** What holds after a new result for the packets of `input`. `isWhole`: they are enough, where fewer may mislead. */
export function damp(
  held: Damped | undefined,
  fresh: Distilled,
  input: DistillInput,
  nowMs: number,
  isWhole = true,
): Damping {
  if (held === undefined) return { damped: isWhole ? settled(fresh) : preliminary(fresh) }
  if (held.distilled.kind === 'too-few') return { damped: settled(fresh) }
  if (held.distilled.kind === 'inseparable') return { damped: doubt(held, fresh) }
  return dampRules(held, held.distilled, fresh, input, nowMs)
}

const settled = (distilled: Distilled): Damped => ({
  distilled,
  followed: distilled.kind === 'rules' ? followOf(distilled.rules.map(({ rule }) => rule)) : undefined,
  leaving: new Map(),
  isDoubted: false,
})

/** Whatever is better next time takes its place at once. */
function preliminary(distilled: Distilled): Damped {
  const { followed, ...rest } = settled(distilled)
  return { ...rest, followed: followed && { ...followed, patience: 1 }, isDoubted: true, isPreliminary: true }
}

/** Another kind of result holds when it comes twice in a row. */
function doubt(held: Damped, fresh: Distilled): Damped {
  if (fresh.kind === 'too-few') return held
  if (fresh.kind === held.distilled.kind || held.isDoubted) return settled(fresh)
  return { ...held, isDoubted: true }
}

function dampRules(held: Damped, old: Rules, fresh: Distilled, input: DistillInput, nowMs: number): Damping {
  const oldRules = old.rules.map(({ rule }) => rule)
  const before = counterfactual(oldRules, input.attack).taken
  if (fresh.kind === 'too-few') return { damped: held, before }
  if (fresh.kind === 'inseparable') {
    if (held.isPreliminary) return { damped: settled(fresh), before }
    const stillTake = before.share >= old.attack.share * STILL_PART
    return { damped: stillTake ? { ...held, isDoubted: false } : doubt(held, fresh), before }
  }
  const current = held.followed ?? followOf(oldRules)
  const round = { fresh: input.attack, normal: input.normal, distilled: fresh }
  const decision = followRules(current, round)
  if (decision.kind === 'replace' && held.isPreliminary) return { damped: settled(fresh), before }
  const followed = held.isPreliminary ? patient(decision.followed) : decision.followed
  const isDoubted = followed.betterRounds > 0
  if (decision.kind === 'replace')
    return { damped: replaced(held, old, fresh, followed, input, nowMs), before }
  const staying = old.rules.filter(({ rule }) => (held.leaving.get(matchKey(rule)) ?? nowMs + 1) > nowMs)
  const { leaving } = held
  return { damped: { leaving, distilled: measured(old, staying, input), followed, isDoubted }, before }
}

const patient = (followed: Followed): Followed => ({
  ...followed,
  patience: Math.max(followed.patience, followOf([]).patience),
})

function replaced(
  held: Damped,
  old: Rules,
  fresh: Rules,
  followed: Followed,
  input: DistillInput,
  nowMs: number,
): Damped {
  const chosen = new Set(fresh.rules.map(({ rule }) => matchKey(rule)))
  const room = Math.max(0, input.rulesMax - fresh.rules.length)
  const until = ({ rule }: DistilledRule) => held.leaving.get(matchKey(rule)) ?? nowMs + HELD_MS
  const staying = old.rules
    .filter(one => !chosen.has(matchKey(one.rule)) && until(one) > nowMs)
    .slice(0, room)
  return {
    distilled: measured(fresh, [...fresh.rules, ...staying], input),
    followed,
    leaving: new Map(staying.map(one => [matchKey(one.rule), until(one)])),
    isDoubted: false,
  }
}

/** These rules with what they take of the packets of now; `of` has what else was looked at. */
function measured(of: Rules, rules: readonly DistilledRule[], { attack, normal }: DistillInput): Distilled {
  const flows: readonly Rule[] = rules.map(({ rule }) => rule)
  const taken = counterfactual(flows, attack)
  const honest = normal.length === 0 ? undefined : counterfactual(flows, normal)
  return {
    ...of,
    attack: taken.taken,
    ...(honest === undefined ? {} : { normal: honest.taken }),
    rules: rules.map((one, at) => ({
      ...one,
      attack: taken.byRule[at] ?? one.attack,
      ...(honest === undefined ? {} : { normal: honest.byRule[at] ?? honest.taken }),
    })),
  }
}
