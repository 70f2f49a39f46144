// What operators decided about learned limits: accepted with a value, or rejected. It survives restarts.

import { z } from 'zod'
import { LIMITS } from '#4-detection/attack.ts'
import type { AcceptedLimit } from '#4-detection/baseline-accepted.ts'
import { SUBJECTS } from '#4-detection/baseline-hour.ts'
import { placeText, type Suggestion } from '#4-detection/baseline-limits.ts'

const decisionSchema = z.object({
  scope: z.string(),
  subject: z.enum(SUBJECTS),
  direction: z.enum(['incoming', 'outgoing']),
  limit: z.enum(LIMITS),
  state: z.enum(['accepted', 'rejected']),
  value: z.number().positive(),
  instead: z.union([z.number(), z.literal('off'), z.null()]),
  named: z.string().optional(),
  by: z.string(),
  /** Wall clock, ms since 1970 UTC. */
  at: z.number(),
})

/** Value and what was written instead are those of the moment at which it was decided. */
export interface Decision extends AcceptedLimit {
  readonly state: 'accepted' | 'rejected'
  /** The place as the order named it: the limit itself, or the first parts of it. */
  readonly named: string
  readonly by: string
  readonly at: number
}

/** Where decisions are kept. */
export interface DecisionStore {
  learn(key: string, value: unknown): void
}

const KEY = 'limit decisions'
/** Every limit of every scope, and of as many that are gone. */
const DECISIONS_MAX = 8192

export class LimitDecisions {
  readonly #store: DecisionStore
  /** By place, in the order of deciding. */
  #decisions = new Map<string, Decision>()

  constructor(store: DecisionStore) {
    this.#store = store
  }

  /** Takes up what an earlier run kept; what was decided since then holds. Gives how many could not be read. */
  restore(learned: ReadonlyMap<string, unknown>): number {
    const kept = learned.get(KEY)
    if (!Array.isArray(kept)) return kept === undefined ? 0 : 1
    const read = kept.map(one => decisionSchema.safeParse(one))
    const decisions = read.flatMap(({ data }): Decision[] =>
      data === undefined ? [] : [{ ...data, named: data.named ?? placeText(data) }],
    )
    this.#decisions = new Map([
      ...decisions.map(decision => [placeText(decision), decision] as const),
      ...this.#decisions,
    ])
    return read.length - decisions.length
  }

  get(place: string): Decision | undefined {
    return this.#decisions.get(place)
  }

  get all(): readonly Decision[] {
    return [...this.#decisions.values()]
  }

  get accepted(): readonly Decision[] {
    return this.all.filter(({ state }) => state === 'accepted')
  }

  decide(decision: Decision): void {
    const place = placeText(decision)
    this.#decisions.delete(place)
    this.#decisions.set(place, decision)
    for (const oldest of this.#decisions.keys()) {
      if (this.#decisions.size <= DECISIONS_MAX) break
      this.#decisions.delete(oldest)
    }
  }

  /** Has them kept; after all of an order were decided, or what was kept is lost. */
  keep(): void {
    this.#store.learn(KEY, this.all)
  }
}

/** A decision about a suggestion or about a decision before. */
export function decisionOf(
  about: Suggestion | Decision,
  state: Decision['state'],
  order: Pick<Decision, 'instead' | 'named' | 'by' | 'at'>,
): Decision {
  const { scope, subject, direction, limit, value } = about
  const { instead, named, by, at } = order
  return { scope, subject, direction, limit, state, value, instead, named, by, at }
}
