// Arming for whoever asks over the API: what would change, and the order itself, with the caller in the audit.

import type { Actor } from '#7-mitigation/audit.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { ArmingChange, ArmingQuery, Arming as ArmingView, ArmRequest } from '#api/contract/arming.ts'
import type { ArmRefusal, Done } from '#api/control.ts'
import type { Arming, ArmingOrder } from './arming.ts'

export interface ArmingDeskOptions {
  readonly arming: Arming
  readonly store: Pick<MitigationStore, 'record'>
  /** Who would carry out what is decided. */
  readonly enforcers: () => readonly string[]
  /** What would change if it were switched, newest attack first. */
  readonly changes: () => readonly ArmingChange[]
  /** Goes on by what `arming` says now, and keeps the order. */
  readonly apply: (order: ArmingOrder) => void
  readonly now: () => number
}

export class ArmingDesk {
  readonly #options: ArmingDeskOptions

  constructor(options: ArmingDeskOptions) {
    this.#options = options
  }

  view({ limit }: ArmingQuery): ArmingView {
    const { arming, enforcers, changes } = this.#options
    const { order, armed } = arming
    const all = changes()
    return {
      armed,
      from: order === undefined ? 'configuration' : 'order',
      ...(order && { orderedBy: order.who, orderedAt: new Date(order.at).toISOString() }),
      enforcers: [...enforcers()],
      changes: all.slice(0, limit),
      total: all.length,
    }
  }

  /** Switches; switching to what it is already is done at once and changes nothing. */
  order({ armed, reason }: ArmRequest, who: Actor): Done<ArmingView, ArmRefusal> {
    const { arming, store, now, apply, enforcers } = this.#options
    const record = (outcome: 'done' | 'refused', why: string) =>
      store.record({
        ...{ at: now(), who, what: armed ? 'arm' : 'disarm', target: 'all', attackId: '' },
        ...{ mitigationId: undefined, outcome, reason: why },
      } as const)
    if (armed && enforcers().length === 0) {
      const detail = 'neither a script nor an announcer is configured'
      record('refused', detail)
      return { kind: 'refused', code: 'nothing-to-arm', detail }
    }
    if (arming.armed !== armed) {
      record('done', reason ?? 'ordered by hand')
      apply(arming.set(armed, who, now()))
    }
    return { kind: 'done', value: this.view({ limit: 100 }) }
  }
}
