// What becomes of the mitigations of an attack that stands on another step of its playbook, or on the step of another one.
//
// Make before break: what the new step wants and is held already stays; what is new is announced; only when all of the new
// step is held the rest is taken back. Until then that is `escalated`, and the attack is never without protection.

import { type Action, actionText } from '#6-policy/action.ts'
import { isHeld, type Mitigation } from './mitigation.ts'
import { announced, escalate } from './transitions.ts'

/** What a step wants to be held, and by whom. */
export interface Wanted {
  readonly action: Action
  readonly enforcer: string
}

/** The place on the ladder. */
export interface Place {
  readonly playbook: string
  readonly step: number
  readonly ttlSeconds: number
}

export interface StepChange {
  /** Held already: to be put in place of what they were. */
  readonly kept: readonly Mitigation[]
  /** Positions of what is wanted and held by nobody. */
  readonly begin: readonly number[]
  /** Held by nobody's wish any more, as they are to be put; to be taken back when `isInPlace`. */
  readonly replaced: readonly Mitigation[]
}

/** `mitigations`: those of the attack. */
export function changeStep(
  mitigations: readonly Mitigation[],
  wanted: readonly Wanted[],
  place: Place,
): StepChange {
  const left = new Set(mitigations.filter(held => isHeld(held) && held.state !== 'ending'))
  const kept: Mitigation[] = []
  const begin: number[] = []
  for (const [at, one] of wanted.entries()) {
    const same = [...left].find(held => isSame(held, one))
    if (same === undefined) begin.push(at)
    else {
      left.delete(same)
      kept.push({ ...wantedAgain(same), ...place })
    }
  }
  return { kept, begin, replaced: [...left].map(asReplaced) }
}

/** Words for an action say all of it. */
const isSame = (held: Mitigation, { action, enforcer }: Wanted): boolean =>
  held.enforcer === enforcer && actionText(held.action) === actionText(action)

function wantedAgain(mitigation: Mitigation): Mitigation {
  if (mitigation.state !== 'escalated') return mitigation
  const move = announced(mitigation, mitigation.announcedAt)
  return move.kind === 'moved' ? move.mitigation : mitigation
}

function asReplaced(mitigation: Mitigation): Mitigation {
  const move = escalate(mitigation)
  return move.kind === 'moved' ? move.mitigation : mitigation
}

/**
 * Mitigations of the attack that may be taken back, because all that is wanted on the step is held. `wanted`: all of it; what
 * began on the same step and is wanted no more, as when rules follow the flood, may not have been announced when it was
 * replaced. Missing: whatever began on the step is.
 */
export function replacedNow(
  mitigations: readonly Mitigation[],
  { playbook, step }: Pick<Place, 'playbook' | 'step'>,
  wanted?: readonly Wanted[],
): Mitigation[] {
  const held = mitigations.filter(one => isHeld(one) && one.state !== 'ending')
  const isOnStep = (one: Mitigation) =>
    one.playbook === playbook &&
    one.step === step &&
    one.state !== 'escalated' &&
    (wanted === undefined || wanted.some(of => isSame(one, of)))
  const isInPlace = held.filter(isOnStep).every(({ state }) => state === 'announced')
  return isInPlace ? held.filter(one => !isOnStep(one)) : []
}
