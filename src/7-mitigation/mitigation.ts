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
  /** Id of the customer whose traffic it touches, for quotas; missing where the inventory knows none. */
  readonly customer?: string | undefined
  /** Id of the POP, likewise. */
  readonly pop?: string | undefined
  readonly createdAt: number
  /** Wall clock ms; the mitigation ends then unless its attack renews it. */
  readonly expiresAt: number
}

export const STATES = ['pending', 'announced', 'failed', 'withdrawing', 'withdrawn', 'expired'] as const
export type MitigationState = (typeof STATES)[number]

/**
 * Pending: the enforcer was asked. Announced: it did. Failed: it could not, or not surely, so what it may have done is
 * still taken back. Withdrawing: it was asked to take it back. Withdrawn, expired: over.
 */
export type Mitigation = MitigationFacts &
  (
    | { readonly state: 'pending' }
    | { readonly state: 'announced'; readonly announcedAt: number }
    | { readonly state: 'failed'; readonly failedAt: number; readonly error: string }
    | { readonly state: 'withdrawing'; readonly announcedAt: number | undefined }
    | { readonly state: 'withdrawn' | 'expired'; readonly endedAt: number }
  )

/** Where each state may go. What is not listed cannot happen. */
export const NEXT = {
  pending: ['announced', 'failed', 'withdrawing'],
  announced: ['withdrawing'],
  failed: ['withdrawing', 'announced'],
  withdrawing: ['withdrawn', 'expired'],
  withdrawn: [],
  expired: [],
} as const satisfies Record<MitigationState, readonly MitigationState[]>

export const canGo = (from: MitigationState, to: MitigationState): boolean =>
  (NEXT[from] as readonly MitigationState[]).includes(to)

/** Not over: something is held, or may be, or is being taken back. */
export const isActive = (mitigation: Mitigation): boolean => NEXT[mitigation.state].length > 0
