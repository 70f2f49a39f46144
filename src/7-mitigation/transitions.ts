// The moves of a mitigation: each gives a new value, or refuses when the state table does not list it.
//
// A refused move is an ordinary event: the answer of an enforcer may come after somebody withdrew, and an operator may
// withdraw twice. Whoever asks goes on with the mitigation as it is.

import type { Attack } from '#4-detection/attack.ts'
import type { Action } from '#6-policy/action.ts'
import { expiryOf } from './lifetime.ts'
import { canGo, type Mitigation, type MitigationFacts, type MitigationState } from './mitigation.ts'

export type Move =
  | { readonly kind: 'moved'; readonly mitigation: Mitigation }
  | { readonly kind: 'refused'; readonly reason: string }

export interface Proposal {
  readonly attack: Attack
  /** Position of the action in its decision: tells mitigations of one attack apart. */
  readonly ordinal: number
  readonly action: Action
  readonly reason: string
  readonly enforcer: string
  readonly maximumSeconds: number
  /** Whose traffic it touches; missing where the inventory knows nobody. */
  readonly customer?: string | undefined
  readonly pop?: string | undefined
}

/** A new mitigation for an action that was decided. */
export function create(proposal: Proposal, now: number): Mitigation {
  const { attack, ordinal, action, reason, enforcer, maximumSeconds } = proposal
  const { customer, pop } = proposal
  return {
    state: 'pending',
    id: `${attack.id}.${ordinal}`,
    attackId: attack.id,
    target: attack.host,
    action,
    reason,
    enforcer,
    ...ownerOf({ customer, pop }),
    createdAt: now,
    expiresAt: expiryOf(now, maximumSeconds),
  }
}

/** The enforcer did it. */
export const announced = (mitigation: Mitigation, now: number): Move =>
  move(mitigation, 'announced', facts => ({ ...facts, state: 'announced', announcedAt: now }))

/** The enforcer could not do it, or not surely. */
export const failed = (mitigation: Mitigation, now: number, error: string): Move =>
  move(mitigation, 'failed', facts => ({ ...facts, state: 'failed', failedAt: now, error }))

/** The enforcer is asked to take it back. */
export const withdraw = (mitigation: Mitigation): Move =>
  move(mitigation, 'withdrawing', facts => ({
    ...facts,
    state: 'withdrawing',
    announcedAt: mitigation.state === 'announced' ? mitigation.announcedAt : undefined,
  }))

/** It is over: taken back because somebody or the end of the attack said so, or because its time was up. */
export const end = (mitigation: Mitigation, now: number, how: 'withdrawn' | 'expired'): Move =>
  move(mitigation, how, facts => ({ ...facts, state: how, endedAt: now }))

function move(
  mitigation: Mitigation,
  to: MitigationState,
  next: (facts: MitigationFacts) => Mitigation,
): Move {
  if (canGo(mitigation.state, to)) return { kind: 'moved', mitigation: next(factsOf(mitigation)) }
  return {
    kind: 'refused',
    reason: `mitigation ${mitigation.id} is ${mitigation.state} and cannot become ${to}`,
  }
}

/** The mitigation without what belongs to its state. */
function factsOf(mitigation: Mitigation): MitigationFacts {
  const { id, attackId, target, action, reason, enforcer, createdAt, expiresAt } = mitigation
  return {
    ...{ id, attackId, target, action, reason, enforcer },
    ...ownerOf(mitigation),
    ...{ createdAt, expiresAt },
  }
}

/** Only what is known. */
const ownerOf = ({ customer, pop }: Pick<MitigationFacts, 'customer' | 'pop'>) => ({
  ...(customer === undefined ? {} : { customer }),
  ...(pop === undefined ? {} : { pop }),
})
