// Which limits each host has, in two bytes a host: the sets are few.

import { assert } from '#lib/assert.ts'
import type { LimitSet } from './limit.ts'

const SETS_MAX = 65_535

export class LimitsByHost {
  readonly #index: Uint16Array
  readonly #sets: (LimitSet | undefined)[] = [undefined]
  readonly #known = new Map<LimitSet, number>()
  readonly #free: number[] = []

  /** `hosts`: highest host number + 1. */
  constructor(hosts: number) {
    this.#index = new Uint16Array(hosts)
  }

  /** `undefined`: the host is never judged. */
  set(host: number, limits: LimitSet | undefined): void {
    this.#index[host] = limits === undefined ? 0 : this.#numberOf(limits)
  }

  get(host: number): LimitSet | undefined {
    return this.#sets[this.#index[host] ?? 0]
  }

  #numberOf(limits: LimitSet): number {
    const known = this.#known.get(limits)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#sets.length
    assert(number <= SETS_MAX, 'there are fewer hostgroups than two bytes can number')
    this.#sets[number] = limits
    this.#known.set(limits, number)
    return number
  }

  /** Forgets all sets but these: no host has another one any more. */
  keepOnly(sets: readonly LimitSet[]): void {
    const kept = new Set(sets)
    for (const [set, number] of this.#known) {
      if (kept.has(set)) continue
      this.#known.delete(set)
      this.#sets[number] = undefined
      this.#free.push(number)
    }
  }
}
