// Whether the rules against an attack still fit it: kept while they do, replaced when another set is clearly better for some
// time, with damping like that of flapping routes (RFC 2439): each change makes the next one harder for a while.

import { matchKey } from '#lib/flowspec/canonical.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { counterfactual } from './counterfactual.ts'
import type { Distilled, DistillSample } from './distillation.ts'

/** The rules that are out against one attack, and how sure it is that others should be. */
export interface Followed {
  readonly rules: readonly Rule[]
  /** Rounds in a row in which others were clearly better. */
  readonly betterRounds: number
  /** Rounds in a row in which none were. */
  readonly quietRounds: number
  /** Rounds in a row that others have to be better for. */
  readonly patience: number
}

/** What a round shows. Samples are taken where the rules do not act yet: what they take is still seen. */
export interface Round {
  /** Newest samples of the attack. */
  readonly fresh: readonly DistillSample[]
  readonly normal: readonly DistillSample[]
  /** Distilled from these. */
  readonly distilled: Distilled
}

export type FollowDecision =
  | { readonly kind: 'keep'; readonly followed: Followed; readonly reason: string }
  | {
      readonly kind: 'replace'
      readonly followed: Followed
      readonly rules: readonly Rule[]
      readonly reason: string
    }

/** Below it a round says nothing. */
const SAMPLES_MIN = 20
/** Rules are kept while they take this part of what others would, of the flood and of what they spare. */
const KEEP_PART = 0.9
/** What honest traffic rules may take more than others before that alone is a reason. */
const HONEST_MORE = 0.002
const PATIENCE = 3
const PATIENCE_MAX = 24
/** After as many quiet rounds a change is as easy as the first one was. */
const CALM_ROUNDS = 60

export const followOf = (rules: readonly Rule[]): Followed => ({
  rules,
  betterRounds: 0,
  quietRounds: 0,
  patience: PATIENCE,
})

/** One round: the same rules go on, or others take their place. Never none: that is for whoever ends the attack. */
export function followRules(before: Followed, round: Round): FollowDecision {
  const { distilled, fresh } = round
  if (fresh.length < SAMPLES_MIN) return keep(before, `${fresh.length} samples are too few to judge by`)
  if (distilled.kind !== 'rules') return quiet(before, 'nothing better is known')
  const rules = distilled.rules.map(({ rule }) => rule)
  if (isSame(before.rules, rules)) return quiet(before, 'the same rules are found again')
  const better = whyBetter(before.rules, rules, round)
  if (better === undefined) return quiet(before, 'others would be no clear gain')
  const betterRounds = before.betterRounds + 1
  if (betterRounds < before.patience)
    return keep(
      { ...before, betterRounds, quietRounds: 0 },
      `${better}; in ${betterRounds} rounds of ${before.patience}`,
    )
  const patience = Math.min(PATIENCE_MAX, before.patience * 2)
  return {
    kind: 'replace',
    rules,
    followed: { rules, betterRounds: 0, quietRounds: 0, patience },
    reason: `${better}, in ${betterRounds} rounds in a row`,
  }
}

const keep = (followed: Followed, reason: string): FollowDecision => ({ kind: 'keep', followed, reason })

function quiet(before: Followed, reason: string): FollowDecision {
  const quietRounds = before.quietRounds + 1
  const isCalm = quietRounds >= CALM_ROUNDS
  return keep(
    {
      rules: before.rules,
      betterRounds: 0,
      quietRounds: isCalm ? 0 : quietRounds,
      patience: isCalm ? Math.max(PATIENCE, before.patience / 2) : before.patience,
    },
    reason,
  )
}

function isSame(one: readonly Rule[], two: readonly Rule[]): boolean {
  const keys = new Set(one.map(matchKey))
  return one.length === two.length && two.every(rule => keys.has(matchKey(rule)))
}

/** A sentence when the others are clearly better: intervals that do not touch, and a gain worth a change. */
function whyBetter(
  old: readonly Rule[],
  others: readonly Rule[],
  { fresh, normal }: Round,
): string | undefined {
  const [now, then] = [counterfactual(old, fresh).taken, counterfactual(others, fresh).taken]
  if (now.share < KEEP_PART * then.share && now.high < then.low)
    return `the rules take ${whole(now.share)} of the flood by now, others would take ${whole(then.share)}`
  if (normal.length === 0 || then.share < KEEP_PART * now.share) return undefined
  const [nowHonest, thenHonest] = [counterfactual(old, normal).taken, counterfactual(others, normal).taken]
  if (nowHonest.share > thenHonest.share + HONEST_MORE && nowHonest.low > thenHonest.high)
    return `the rules take ${whole(nowHonest.share)} of normal traffic by now, others would take ${whole(thenHonest.share)}`
  return undefined
}

const whole = (share: number) => `${Math.round(share * 100)} %`
