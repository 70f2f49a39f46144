// A mitigation: one action against one attack, with an owner, a reason and an end. None lives for ever.

import type { Action } from '#6-policy/action.ts'

export interface MitigationFacts {
  readonly id: string
  readonly attackId: string
  /** Canonical address of the host it protects. */
  readonly target: string
  readonly action: Action
  /** Why: playbook, step, crossing, in one sentence. */
  readonly reason: string
  /** Name of the enforcer that carries it. */
  readonly enforcer: string
  /** The playbook that wanted it, and at which of its steps, from 0. */
  readonly playbook: string
  readonly step: number
  /** Id of the customer whose traffic it touches, for quotas; missing where the inventory knows none. */
  readonly customer?: string | undefined
  /** Id of the POP, likewise. */
  readonly pop?: string | undefined
  readonly createdAt: number
  /** It lives so long, and again so long as its attack is still seen then. */
  readonly ttlSeconds: number
  /** A standing order: its attack lasts until somebody ends it, and renews it beyond the maximum lifetime. */
  readonly isStanding: boolean
  /** Wall clock ms; the mitigation ends then unless its attack extends it. */
  readonly expiresAt: number
}

export const STATES = [
  ...(['pending', 'announced', 'escalated', 'failed', 'ending', 'withdrawing'] as const),
  ...(['withdrawn', 'expired', 'refused'] as const),
] as const
export type MitigationState = (typeof STATES)[number]

/**
 * Pending: the enforcer was asked. Announced: it did. Escalated: it is held while another step of the playbook takes its
 * place. Failed: it could not, or not surely, so what it may have done is still taken back. Ending: its attack is over,
 * and it is held down a while in case the flood comes back. Withdrawing: the enforcer was asked to take it back.
 * Withdrawn, expired: over. Refused: it never came to be.
 */
export type Mitigation = MitigationFacts &
  (
    | { readonly state: 'pending' }
    | { readonly state: 'announced' | 'escalated'; readonly announcedAt: number }
    | { readonly state: 'failed'; readonly failedAt: number; readonly error: string }
    | { readonly state: 'ending'; readonly announcedAt: number | undefined; readonly heldUntil: number }
    | { readonly state: 'withdrawing'; readonly announcedAt: number | undefined }
    | { readonly state: 'withdrawn' | 'expired'; readonly endedAt: number }
    | { readonly state: 'refused'; readonly endedAt: number; readonly error: string }
  )

/** Where each state may go. What is not listed cannot happen. */
export const NEXT = {
  pending: ['announced', 'failed', 'refused', 'ending', 'withdrawing'],
  announced: ['escalated', 'ending', 'withdrawing'],
  escalated: ['announced', 'ending', 'withdrawing'],
  failed: ['announced', 'refused', 'ending', 'withdrawing'],
  ending: ['withdrawing'],
  withdrawing: ['withdrawn', 'expired'],
  withdrawn: [],
  expired: [],
  refused: [],
} as const satisfies Record<MitigationState, readonly MitigationState[]>

export const canGo = (from: MitigationState, to: MitigationState): boolean =>
  (NEXT[from] as readonly MitigationState[]).includes(to)

/** Not over: something is held, or may be, or is being taken back. */
export const isActive = (mitigation: Mitigation): boolean => NEXT[mitigation.state].length > 0

/** Something is done, or was asked for, and is not at its end. */
export const isWanted = ({ state }: Mitigation): boolean =>
  state === 'pending' || state === 'announced' || state === 'failed'

/** Name of the enforcer that shows what would be done, and does nothing. */
export const DRY_RUN = 'dry-run'

/** Nothing is or was done: it shows what would have been. */
export const isDryRun = ({ enforcer }: Pick<MitigationFacts, 'enforcer'>): boolean => enforcer === DRY_RUN

/** The enforcer has it, or may have it, and was not asked to take it back. */
export const isHeld = (mitigation: Mitigation): boolean =>
  isActive(mitigation) && mitigation.state !== 'withdrawing'
