// What is judged as a whole: a network, a hostgroup, or prefixes of the ladder. Numbers are those of one flow window,
// because lines below any limit of a host are looked at once in each.

import { ROW } from '#3-traffic/metric.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import type { AttackFacts, Scope } from './attack.ts'
import type { Limit, LimitSet } from './limit.ts'

/** A whole over a limit. */
export interface WideVerdict {
  readonly scope: Exclude<Scope, 'host'>
  /** What is attacked: the fewest prefixes that say it. */
  readonly prefixes: readonly Prefix[]
  /** Who set the limit: a hostgroup, or `global`. */
  readonly hostgroup: string
  readonly limit: Limit
  readonly perSecond: number
  readonly overSeconds: number
  /** A pair of rows (incoming, outgoing), per second. */
  readonly speeds: Float64Array
}

/** By what a wide attack is known: its scope, its first prefix, and who set the limit. */
export type WideKey = Pick<AttackFacts, 'scope' | 'host' | 'hostgroup'>

/** An attack goes on while the speed is above this share of the limit. */
export const CALM_SHARE = 0.8

const PAIR = ROW * 2

/** What passed above one limit and has not drained (excess-budget.ts). */
export class Excess {
  amount = 0
  overSeconds = 0

  /** Takes in a window; true when the budget is used up. */
  spend(passed: number, perSecond: number, seconds: number, budgetSeconds: number): boolean {
    const most = 2 * budgetSeconds * perSecond
    this.amount = Math.min(Math.max(0, this.amount + passed - perSecond * seconds), most)
    this.overSeconds = this.amount === 0 ? 0 : this.overSeconds + seconds
    return this.amount > 0 && this.amount >= budgetSeconds * perSecond
  }

  /** Part of what passed belongs to somebody else. */
  forgive(passed: number): void {
    this.amount = Math.max(0, this.amount - passed)
  }
}

/** Sums of one whole, and the excess of each of its limits. */
export class RowBudget {
  readonly limits: LimitSet
  readonly #excess: readonly Excess[]
  readonly #budgetSeconds: number

  constructor(limits: LimitSet, budgetSeconds: number) {
    this.limits = limits
    this.#excess = limits.limits.map(() => new Excess())
    this.#budgetSeconds = budgetSeconds
  }

  /** Takes in the sums of a window (a pair of rows); the first limit whose budget is used up. */
  spend(sums: Float64Array, seconds: number): Limit | undefined {
    let crossed: Limit | undefined
    for (const limit of this.limits.limits) {
      const isUsedUp = this.#excess[limit.order]?.spend(
        sums[limit.at]!,
        limit.perSecond,
        seconds,
        this.#budgetSeconds,
      )
      if (isUsedUp === true) crossed ??= limit
    }
    return crossed
  }

  /** For how long a limit has been exceeded. */
  overSeconds(limit: Limit): number {
    return this.#excess[limit.order]?.overSeconds ?? 0
  }

  /** What passed (a pair of rows) is explained by an attack that is known by now. */
  forgive(passed: Float64Array): void {
    for (const limit of this.limits.limits) this.#excess[limit.order]?.forgive(passed[limit.at]!)
  }

  calm(): void {
    for (const excess of this.#excess) excess.amount = 0
  }

  isOver(sums: Float64Array, seconds: number): boolean {
    return this.limits.limits.some(limit => sums[limit.at]! > limit.perSecond * seconds * CALM_SHARE)
  }
}

export const pairOfZeros = (): Float64Array => new Float64Array(PAIR)

export function addPair(to: Float64Array, from: Float64Array): void {
  for (let at = 0; at < PAIR; at++) to[at]! += from[at]!
}

/** Takes a pair away, down to zero. */
export function takePair(from: Float64Array, taken: Float64Array): void {
  for (let at = 0; at < PAIR; at++) from[at] = Math.max(0, from[at]! - taken[at]!)
}
