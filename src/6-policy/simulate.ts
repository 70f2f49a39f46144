// What would be decided about an attack from second to second, as far as it changes. Nothing is touched.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { Action } from './action.ts'
import { type Decision, type DecisionContext, decide } from './decide.ts'
import type { Ladder } from './ladder.ts'
import { actionsOf, wantedText } from './wanted.ts'

export interface SimulatedMoment {
  /** Since the attack opened. */
  readonly atSeconds: number
  readonly decision: Decision
}

export interface Course {
  /** So long it is followed. */
  readonly seconds: number
  /** Its traffic ends after so long; missing: not meanwhile. */
  readonly calmAfterSeconds?: number | undefined
}

/** The first moment, and each at which something else is wanted. Quotas are those of now: what others take meanwhile is not known. */
export function simulate(
  attack: OpenAttack,
  context: Omit<DecisionContext, 'nowMs' | 'ladder' | 'held' | 'speed'>,
  { seconds, calmAfterSeconds = Number.POSITIVE_INFINITY }: Course,
): SimulatedMoment[] {
  const moments: SimulatedMoment[] = []
  let ladder: Ladder | undefined
  let held: readonly Action[] = []
  let wanted: string | undefined
  for (let atSeconds = 0; atSeconds <= seconds; atSeconds++) {
    const isCalm = atSeconds >= calmAfterSeconds
    const speed = isCalm ? 0 : attack.speed
    const lastOverAt = attack.openedAt + Math.min(atSeconds, calmAfterSeconds) * 1000
    const nowMs = attack.openedAt + atSeconds * 1000
    const decision = decide(
      { ...attack, isOver: !isCalm, speed, lastOverAt },
      { ...context, nowMs, held, speed, ...(ladder === undefined ? {} : { ladder }) },
    )
    ladder = decision.ladder
    held = actionsOf(decision)
    const text = `${decision.kind} ${wantedText(decision)}`
    if (text !== wanted) moments.push({ atSeconds, decision })
    wanted = text
  }
  return moments
}
