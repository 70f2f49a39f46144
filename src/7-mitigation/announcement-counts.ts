// How many announcements are held, by customer, POP and enforcer, and how many of them began within the last minute.
//
// Scripts are no announcements. A dry run counts as what it stands for, so that it shows what would happen. Whoever has
// nothing held and began nothing within the minute takes no memory.

import type { HeldCounts, Usage } from '#6-policy/guardrail.ts'
import { BanPace } from './ban-pace.ts'
import type { Mitigation } from './mitigation.ts'

const ALL = 'all'
const customerKey = (id: string): string => `customer ${id}`
const popKey = (id: string): string => `pop ${id}`
const rulesKey = (enforcer: string): string => `rules ${enforcer}`

export class AnnouncementCounts {
  readonly #active = new Map<string, number>()
  readonly #paces = new Map<string, BanPace>()
  readonly #paceMax: number
  /** Quotas may count a minute from here; paces older than this are looked through and dropped. */
  #tidiedAt = Number.NEGATIVE_INFINITY

  constructor(paceMax: number) {
    this.#paceMax = paceMax
  }

  /** One more (1), one less (-1), or as before (0). */
  change(mitigation: Mitigation, change: number): void {
    if (change === 0) return
    for (const key of keysOf(mitigation)) {
      const count = (this.#active.get(key) ?? 0) + change
      if (count > 0) this.#active.set(key, count)
      else this.#active.delete(key)
    }
  }

  /** It is new, and not taken up from an earlier run. */
  began(mitigation: Mitigation): void {
    const { createdAt } = mitigation
    this.#tidy(createdAt)
    for (const key of keysOf(mitigation)) {
      const pace = this.#paces.get(key) ?? new BanPace(this.#paceMax)
      this.#paces.set(key, pace)
      pace.began(createdAt)
    }
  }

  at(now: number): HeldCounts {
    const usage = (key: string): Usage => ({
      active: this.#active.get(key) ?? 0,
      newWithinMinute: this.#paces.get(key)?.within(now) ?? 0,
    })
    return {
      all: usage(ALL),
      ofCustomer: id => usage(customerKey(id)),
      ofPop: id => usage(popKey(id)),
      rulesOf: enforcer => this.#active.get(rulesKey(enforcer)) ?? 0,
    }
  }

  /** Once a second at most, and also when the clock was put back. */
  #tidy(now: number): void {
    if (Math.abs(now - this.#tidiedAt) < 1000) return
    this.#tidiedAt = now
    for (const [key, pace] of this.#paces) {
      if (pace.within(now) === 0) this.#paces.delete(key)
    }
  }
}

function keysOf({ action, customer, pop }: Mitigation): readonly string[] {
  if (action.kind === 'script') return []
  return [
    ALL,
    ...(customer === undefined ? [] : [customerKey(customer)]),
    ...(pop === undefined ? [] : [popKey(pop)]),
    ...(action.kind === 'filter' ? [rulesKey(action.enforcer)] : []),
  ]
}
