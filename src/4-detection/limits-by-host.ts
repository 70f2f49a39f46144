// Which limits each host has, in two bytes a host: the sets are few.

import { assert } from '#lib/assert.ts'
import type { LimitSet } from './limit.ts'

const SETS_MAX = 65_535

export class LimitsByHost {
  readonly #index: Uint16Array
  readonly #sets: (LimitSet | undefined)[] = [undefined]
  readonly #known = new Map<LimitSet, number>()

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
    assert(this.#sets.length <= SETS_MAX, 'there are fewer hostgroups than two bytes can number')
    this.#sets.push(limits)
    this.#known.set(limits, this.#sets.length - 1)
    return this.#sets.length - 1
  }
}
