// What extended mitigations, for the audit: thousands of reports a second may, so it hears of the first at once, and of the
// others by their number when the mitigation is taken back, or the daemon stops.

import { type Actor, auditOf } from '#7-mitigation/audit.ts'
import { isDryRun, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'

/** Of one mitigation so many are told apart by name; further ones are counted together. */
const NAMES_MAX = 8

interface Extended {
  mitigation: Mitigation
  /** As it was before the first of them. */
  readonly before: Mitigation
  count: number
  readonly by: Map<Actor, number>
}

export class ExtensionAudit {
  readonly #options: { readonly store: Pick<MitigationStore, 'record'>; readonly now: () => number }
  /** By mitigation. Those that are over are forgotten, so there are never more than are active. */
  readonly #extended = new SteadyMap<Extended>()

  constructor(options: { readonly store: Pick<MitigationStore, 'record'>; readonly now: () => number }) {
    this.#options = options
  }

  /** At most two entries for a mitigation in one run of the daemon, however often it is extended. */
  extended(before: Mitigation, after: Mitigation, who: Actor): void {
    const known = this.#extended.get(after.id)
    if (known === undefined) {
      this.#extended.set(after.id, { mitigation: after, before, count: 1, by: new Map([[who, 1]]) })
      this.#record(after, { who, before })
      return
    }
    known.mitigation = after
    known.count++
    if (known.by.has(who) || known.by.size < NAMES_MAX) known.by.set(who, (known.by.get(who) ?? 0) + 1)
  }

  /** It is taken back, or over: nothing extends it any more. */
  over(mitigationId: string): void {
    const extended = this.#extended.get(mitigationId)
    if (extended === undefined) return
    this.#extended.delete(mitigationId)
    if (extended.count > 1) this.#tellAll(extended)
  }

  /** The daemon stops: what was counted is told now. */
  stopping(): void {
    for (const id of [...this.#extended.keys()]) this.over(id)
  }

  #tellAll({ mitigation, before, count, by }: Extended): void {
    const named = [...by].map(([who, times]) => `${who} ${times}`)
    const others = count - [...by.values()].reduce((sum, times) => sum + times, 0)
    const names = [...named, ...(others === 0 ? [] : [`others ${others}`])].join(', ')
    const reason = `extended ${count} times in all: ${names}`
    this.#record(mitigation, { who: 'floodwarden', before, reason })
  }

  #record(after: Mitigation, told: { who: Actor; before: Mitigation; reason?: string }): void {
    const { store, now } = this.#options
    const outcome = isDryRun(after) ? 'dry-run' : 'done'
    store.record(auditOf(after, { ...told, at: now(), what: 'extend', outcome, after }))
  }
}
