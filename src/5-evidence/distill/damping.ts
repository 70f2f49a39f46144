// How proposed rules follow an attack that changes, without flapping.
//
// Rules that still take the flood stay as they are. Rules that do not are kept for a while beside those that take what comes now,
// because what a router drops before us is not seen any more. Between rules and "inseparable" two results in a row must agree.

import { matchKey } from '#lib/flowspec/canonical.ts'
import { matches } from '#lib/flowspec/matches.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import type { Distilled, DistilledRule, DistillInput, Share } from './distillation.ts'
import { shareOf } from './share-matched.ts'

/** Rules of before that take so much less than new ones at most stay. */
const WORSE_MAX = 0.02
/** And that take so much less than when they were made, when nothing new is found. */
const LESS_MAX = 0.1
/** Rules stay that take so much more of calm traffic at most. */
const DEARER_MAX = 0.001
/** A rule that takes nothing any more stays so long. */
const HELD_MS = 60_000
/** It takes something from this share on. */
const TAKES_MIN = 0.02

export interface Damped {
  /** What holds. */
  readonly distilled: Distilled
  /** By match of a rule: when it took something last, wall clock ms. */
  readonly tookAt: ReadonlyMap<string, number>
  /** The last result was of another kind than what holds. */
  readonly isDoubted: boolean
}

export interface Followed {
  readonly damped: Damped
  /** How much of the attack the rules of before take now; missing: there were none. */
  readonly before?: Share
}

/** What holds after a new result for the packets of `input`. */
export function damp(
  held: Damped | undefined,
  fresh: Distilled,
  input: DistillInput,
  nowMs: number,
): Followed {
  if (held === undefined) return { damped: settled(fresh, nowMs) }
  const { distilled } = held
  if (distilled.kind !== 'rules')
    return { damped: distilled.kind === 'too-few' ? settled(fresh, nowMs) : doubt(held, fresh, nowMs) }
  const ground = new Ground(input)
  const before = ground.takenBy(distilled.rules, 'attack')
  if (fresh.kind === 'too-few') return { damped: held, before }
  const now = { ...held, tookAt: tookNow(held, distilled.rules, ground, nowMs) }
  if (fresh.kind === 'rules')
    return { damped: rulesAfter(now, distilled.rules, fresh, ground, nowMs), before }
  const stillTake = before.share >= distilled.attack.share - LESS_MAX
  return { damped: stillTake ? { ...now, isDoubted: false } : doubt(now, fresh, nowMs), before }
}

/** The samples of now, and which of them each rule takes: looked up once. */
class Ground {
  readonly input: DistillInput
  readonly #taken = { attack: new Map<Rule, Uint8Array>(), normal: new Map<Rule, Uint8Array>() }

  constructor(input: DistillInput) {
    this.input = input
  }

  /** What of the samples rules take together. */
  takenBy(rules: readonly DistilledRule[], side: 'attack' | 'normal'): Share {
    const takers = rules.map(({ rule }) => this.#takenBy(rule, side))
    const samples = this.input[side]
    let [matched, weight, all] = [0, 0, 0]
    for (const [at, sample] of samples.entries()) {
      all += sample.weight
      if (!takers.some(taken => taken[at] === 1)) continue
      matched++
      weight += sample.weight
    }
    return shareOf(all === 0 ? 0 : weight / all, matched, samples.length)
  }

  #takenBy(rule: Rule, side: 'attack' | 'normal'): Uint8Array {
    const known = this.#taken[side].get(rule)
    if (known !== undefined) return known
    const taken = Uint8Array.from(this.input[side], ({ packet }) => (matches(rule, packet) ? 1 : 0))
    this.#taken[side].set(rule, taken)
    return taken
  }
}

const settled = (distilled: Distilled, nowMs: number): Damped => ({
  distilled,
  tookAt: new Map(
    distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => [matchKey(rule), nowMs]) : [],
  ),
  isDoubted: false,
})

/** Another kind of result holds when it comes twice. */
function doubt(held: Damped, fresh: Distilled, nowMs: number): Damped {
  if (fresh.kind === 'too-few') return held
  if (fresh.kind === held.distilled.kind) return settled(fresh, nowMs)
  return held.isDoubted ? settled(fresh, nowMs) : { ...held, isDoubted: true }
}

type Rules = Extract<Distilled, { kind: 'rules' }>

function rulesAfter(
  held: Damped,
  old: readonly DistilledRule[],
  fresh: Rules,
  ground: Ground,
  nowMs: number,
): Damped {
  const isGood = ground.takenBy(old, 'attack').share >= fresh.attack.share - WORSE_MAX
  const isCheap =
    ground.takenBy(old, 'normal').share <= ground.takenBy(fresh.rules, 'normal').share + DEARER_MAX
  const chosen = isGood && isCheap ? old : fresh.rules
  const tookAt = new Map(chosen.map(({ rule }) => [matchKey(rule), held.tookAt.get(matchKey(rule)) ?? nowMs]))
  const room = Math.max(0, ground.input.rulesMax - chosen.length)
  const left = chosen === old ? [] : keptOf(old, held, tookAt, nowMs).slice(0, room)
  for (const { rule } of left) tookAt.set(matchKey(rule), held.tookAt.get(matchKey(rule)) ?? nowMs)
  return { distilled: measured([...chosen, ...left], fresh, ground), tookAt, isDoubted: false }
}

/** Rules of before that new ones do not stand for, as long as they may be taking what is not seen here. */
function keptOf(
  old: readonly DistilledRule[],
  held: Damped,
  chosen: ReadonlyMap<string, number>,
  nowMs: number,
): DistilledRule[] {
  return old.filter(({ rule }) => {
    const key = matchKey(rule)
    return !chosen.has(key) && nowMs - (held.tookAt.get(key) ?? 0) < HELD_MS
  })
}

/** The rules with what they take of the packets of now. */
function measured(rules: readonly DistilledRule[], fresh: Rules, ground: Ground): Distilled {
  const of = (some: readonly DistilledRule[]) => ({
    attack: ground.takenBy(some, 'attack'),
    ...(ground.input.normal.length === 0 ? {} : { normal: ground.takenBy(some, 'normal') }),
  })
  return { ...fresh, ...of(rules), rules: rules.map(one => ({ ...one, ...of([one]) })) }
}

function tookNow(
  { tookAt }: Damped,
  rules: readonly DistilledRule[],
  ground: Ground,
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map(
    rules.map(one => {
      const key = matchKey(one.rule)
      const takes = ground.takenBy([one], 'attack').share >= TAKES_MIN
      return [key, takes ? nowMs : (tookAt.get(key) ?? nowMs)]
    }),
  )
}
