// What is kept of a prefix of the ladder: the window in progress, the excess of its limits, and what is usual for it.

import type { Rung } from '#3-traffic/prefix-tree.ts'
import type { Limit, LimitSet } from './limit.ts'
import { type LoadBands, limitFactor, USUAL_FACTOR } from './prefix-law.ts'
import { CALM_SHARE, Excess, pairOfZeros, RowBudget } from './wide.ts'

/** What the ladder compares prefixes with: limits of their own, or those of a host and the law of carpets. */
export interface LadderLimits {
  readonly explicit: LimitSet | undefined
  /** Limits of incoming packets and bits of a host. */
  readonly byLaw: readonly Limit[]
  readonly budgetSeconds: number
}

/** Time constants of what is usual, and while an attack is open: in the end an attack nobody minds is usual too. */
const USUAL_SECONDS = 600
const OPEN_SECONDS = 3600

export class RungState {
  readonly rung: Rung
  readonly #limits: LadderLimits
  readonly #explicit: RowBudget | undefined
  readonly #excess: readonly Excess[]
  /** Key of the open attack it belongs to. */
  attack: string | undefined
  /** The window its numbers are of, and the first it was seen in. */
  window: number
  readonly born: number
  /** Hosts that had traffic in the window before as well, and weighed packets of all. */
  known = 0
  load = 0
  /** The longest prefix that holds it, itself included, whose load is worth a look. */
  heavy: RungState | undefined
  /** Incoming packets and bytes of hosts that found no room. */
  readonly unlisted = { packets: 0, bytes: 0 }
  /** Loads of its hosts, where the load is worth a look. */
  bands: LoadBands | undefined
  readonly sums = pairOfZeros()
  /** The limit it is nearly over: half of its budget is used up. */
  near: Crossed | undefined
  /** The even load that is usual, packets per second, and when that was so. */
  #usual = 0
  #usualAt = 0

  constructor(rung: Rung, limits: LadderLimits, window: number) {
    this.rung = rung
    this.#limits = limits
    this.window = window
    this.born = window
    this.#explicit = limits.explicit && new RowBudget(limits.explicit, limits.budgetSeconds)
    this.#excess = limits.byLaw.map(() => new Excess())
  }

  /** Makes room for the numbers of another window. */
  begin(window: number): void {
    this.window = window
    this.known = 0
    this.load = 0
    this.heavy = undefined
    this.unlisted.packets = 0
    this.unlisted.bytes = 0
    this.bands = undefined
    this.sums.fill(0)
  }

  /** Takes in the window; the limit (as it is for this prefix) whose budget is used up, and the number that did it. */
  judge(seconds: number, nowSeconds: number): Crossed | undefined {
    if (this.#explicit !== undefined) {
      const limit = this.#explicit.spend(this.sums, seconds)
      const overSeconds = limit === undefined ? 0 : this.#explicit.overSeconds(limit)
      return limit && { limit, perSecond: this.sums[limit.at]! / seconds, overSeconds }
    }
    this.near = undefined
    // Who is known cannot be told in the first window: everybody is new in it.
    if (this.window === this.born) return undefined
    let crossed: Crossed | undefined
    const { budgetSeconds } = this.#limits
    for (const { limit, passed, excess } of this.#byLaw(nowSeconds)) {
      const isUsedUp = excess.spend(passed, limit.perSecond, seconds, budgetSeconds)
      const found = { limit, perSecond: passed / seconds, overSeconds: excess.overSeconds }
      if (isUsedUp) crossed ??= found
      if (excess.amount >= (limit.perSecond * budgetSeconds) / 2) this.near ??= found
    }
    this.#learn(seconds, nowSeconds)
    return crossed
  }

  /** Limits of this prefix with what passed of its even load. */
  #byLaw(nowSeconds: number): { readonly limit: Limit; readonly passed: number; readonly excess: Excess }[] {
    const even = this.bands?.even()
    const factor = limitFactor(this.known)
    return this.#limits.byLaw.map((host, at) => {
      const usual = host.unit === 'packets' ? this.#usualNow(nowSeconds) * USUAL_FACTOR : 0
      const perSecond = Math.max(host.perSecond * factor, usual)
      const passed = (host.unit === 'packets' ? even?.packets : even?.bytes) ?? 0
      const limit = { ...host, perSecond, threshold: host.unit === 'bits' ? perSecond * 8 : perSecond }
      return { limit, passed, excess: this.#excess[at] ?? new Excess() }
    })
  }

  #usualNow(nowSeconds: number): number {
    return this.#usual * Math.exp(-(nowSeconds - this.#usualAt) / this.#constant)
  }

  get #constant(): number {
    return this.attack === undefined ? USUAL_SECONDS : OPEN_SECONDS
  }

  #learn(seconds: number, nowSeconds: number): void {
    const passed = this.bands?.even().packets ?? 0
    if (passed === 0 && this.#usual === 0) return
    const step = 1 - Math.exp(-seconds / this.#constant)
    this.#usual = this.#usualNow(nowSeconds) + (passed / seconds) * step
    this.#usualAt = nowSeconds
  }

  /** Whether an open attack goes on. */
  isOver(seconds: number, nowSeconds: number): boolean {
    if (this.#explicit !== undefined) return this.#explicit.isOver(this.sums, seconds)
    const isOver = this.#byLaw(nowSeconds).some(
      ({ limit, passed }) => passed > limit.perSecond * seconds * CALM_SHARE,
    )
    this.#learn(seconds, nowSeconds)
    return isOver
  }

  /** What passed (a pair of rows) is explained by the attack on a host. */
  forgive(passed: Float64Array): void {
    this.#explicit?.forgive(passed)
  }

  /** What it was over its limits by is forgotten. */
  calm(): void {
    this.#explicit?.calm()
    for (const excess of this.#excess) excess.amount = 0
  }
}

export interface Crossed {
  readonly limit: Limit
  readonly perSecond: number
  readonly overSeconds: number
}
