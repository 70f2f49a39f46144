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
  /** The playbook that wants it, and at which of its steps, from 0. */
  readonly playbook: string
  readonly step: number
  /** Missing: the maximum. */
  readonly ttlSeconds?: number
  readonly maximumSeconds: number
  /** Whose traffic it touches; missing where the inventory knows nobody. */
  readonly customer?: string | undefined
  readonly pop?: string | undefined
}

/** A new mitigation for an action that was decided. */
export const create = (proposal: Proposal, now: number): Mitigation => ({
  ...proposed(proposal, now),
  state: 'pending',
})

/** One that never came to be, with the reason: it is remembered, and nobody is asked. */
export const refusedAtOnce = (proposal: Proposal, now: number, error: string): Mitigation => ({
  ...proposed(proposal, now),
  ...{ state: 'refused', endedAt: now, error },
})

function proposed(proposal: Proposal, now: number): MitigationFacts {
  const { attack, ordinal, action, reason, enforcer, playbook, step, maximumSeconds } = proposal
  // A ban that lasts until somebody ends it.
  const isStanding = attack.banSeconds === 0
  const life = { createdAt: now, ttlSeconds: proposal.ttlSeconds ?? maximumSeconds, isStanding }
  return {
    id: `${attack.id}.${ordinal}`,
    attackId: attack.id,
    target: attack.host,
    ...{ action, reason, enforcer, playbook, step },
    ...ownerOf(proposal),
    ...life,
    expiresAt: expiryOf(life, now, maximumSeconds),
  }
}

/** The enforcer did it. */
export const announced = (mitigation: Mitigation, now: number): Move =>
  move(mitigation, 'announced', facts => ({ ...facts, state: 'announced', announcedAt: now }))

/** The enforcer could not do it, or not surely. */
export const failed = (mitigation: Mitigation, now: number, error: string): Move =>
  move(mitigation, 'failed', facts => ({ ...facts, state: 'failed', failedAt: now, error }))

/** The enforcer never will. */
export const refused = (mitigation: Mitigation, now: number, error: string): Move =>
  move(mitigation, 'refused', facts => ({ ...facts, state: 'refused', endedAt: now, error }))

/** Another step of the playbook takes its place; until that is held, this one is. */
export const escalate = (mitigation: Mitigation): Move =>
  move(mitigation, 'escalated', facts => ({
    ...facts,
    state: 'escalated',
    announcedAt: announcedAtOf(mitigation) ?? facts.createdAt,
  }))

/** The attack is over; it is held until then. */
export const holdDown = (mitigation: Mitigation, heldUntil: number): Move =>
  move(mitigation, 'ending', facts => ({
    ...facts,
    state: 'ending',
    announcedAt: announcedAtOf(mitigation),
    heldUntil,
  }))

/** The enforcer is asked to take it back. */
export const withdraw = (mitigation: Mitigation): Move =>
  move(mitigation, 'withdrawing', facts => ({
    ...facts,
    state: 'withdrawing',
    announcedAt: announcedAtOf(mitigation),
  }))

const announcedAtOf = (mitigation: Mitigation): number | undefined =>
  'announcedAt' in mitigation ? mitigation.announcedAt : undefined

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
  const { id, attackId, target, action, reason, enforcer, playbook, step } = mitigation
  const { createdAt, ttlSeconds, isStanding, expiresAt } = mitigation
  return {
    ...{ id, attackId, target, action, reason, enforcer, playbook, step },
    ...ownerOf(mitigation),
    ...{ createdAt, ttlSeconds, isStanding, expiresAt },
  }
}

/** Only what is known. */
const ownerOf = ({ customer, pop }: Pick<MitigationFacts, 'customer' | 'pop'>) => ({
  ...(customer === undefined ? {} : { customer }),
  ...(pop === undefined ? {} : { pop }),
})
