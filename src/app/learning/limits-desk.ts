// Learned limits for whoever asks over the API: shown, accepted and rejected, with the caller in the audit.

import type { Actor } from '#7-mitigation/audit.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { LimitDecision, LimitDecisionRequest, Limits, LimitsQuery } from '#api/contract/limits.ts'
import type { Done, LimitRefusal } from '#api/control.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { LearningRoom } from './learning-room.ts'
import { limitsAt, limitsView } from './limits-view.ts'

export interface LimitsDeskOptions {
  readonly room: LearningRoom
  readonly store: Pick<MitigationStore, 'record'>
  /** As it was written. */
  readonly config: () => ResolvedConfig
  readonly now: () => number
}

export class LimitsDesk {
  readonly #options: LimitsDeskOptions

  constructor(options: LimitsDeskOptions) {
    this.#options = options
  }

  list(query: LimitsQuery): Promise<Limits> {
    const { room, config } = this.#options
    return limitsView(room, config(), query)
  }

  async decide(
    { decision, places }: LimitDecisionRequest,
    who: Actor,
  ): Promise<Done<LimitDecision, LimitRefusal>> {
    const { room } = this.#options
    const { decided, stillRejected } = await room.decide(decision, places, who)
    if (decided.length === 0) {
      const detail = nothingDecided(places, stillRejected)
      this.#record(who, places.join(' '), 'refused', `${decision}: ${detail}`)
      return { kind: 'refused', code: 'unknown-limit', detail }
    }
    const limits = await limitsAt(room, decided)
    for (const { place, accepted, source } of limits) {
      const value = accepted === undefined ? '' : ` at ${accepted} per second`
      this.#record(who, place, 'done', `learned limit ${PAST[decision]}${value}; now ${source}`)
    }
    return { kind: 'done', value: { limits, stillRejected: [...stillRejected] } }
  }

  #record(who: Actor, target: string, outcome: 'done' | 'refused', reason: string): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who, what: 'decide', target, attackId: '', mitigationId: undefined },
      ...{ outcome, reason },
    })
  }
}

function nothingDecided(places: readonly string[], stillRejected: readonly string[]): string {
  const [first, ...others] = stillRejected
  if (first === undefined) return `no learned limit is at ${places.join(' ')}`
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return `${first}${more} was rejected by name; name it to accept it`
}

const PAST = { accept: 'accepted', reject: 'rejected' } as const
