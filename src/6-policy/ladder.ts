// The ladder of an attack: on which step of its playbook it stands, and when it goes up or down.
//
// Up: it stood on its step for as long as the next one asks, its traffic is still over a limit, and it is surely what it
// seems. Down: it stayed below a share of its peak for as long as the playbook asks; what shrinks is not answered harder.

import { whole } from '#4-detection/vectors-match.ts'
import type { Playbook } from './playbook.ts'

export interface Ladder {
  /** Name of the playbook. */
  readonly playbook: string
  readonly step: number
  /** Wall clock ms: on this step since. */
  readonly sinceMs: number
  /** Below the share of the peak since; `undefined` while it is above. */
  readonly calmSinceMs: number | undefined
}

/** How the attack goes on. */
export interface Progress {
  /** Traffic is over a limit now. */
  readonly isOver: boolean
  /** Packets per second at its highest, and now. */
  readonly peak: number
  readonly speed: number
  /** 0 to 1: how surely it is what it seems. */
  readonly confidence: number
}

export interface Climbed {
  readonly ladder: Ladder
  /** Why it went up or down; `undefined` when it stays. */
  readonly reason: string | undefined
}

export const firstStep = ({ name }: Playbook, nowMs: number): Ladder => ({
  ...{ playbook: name, step: 0 },
  ...{ sinceMs: nowMs, calmSinceMs: undefined },
})

/** One step at most, after `pace` times its seconds. Of a playbook that has become shorter it is the last step. Of a clock that was put back no time has passed. */
export function climb(
  ladder: Ladder,
  playbook: Playbook,
  attack: Progress,
  nowMs: number,
  pace = 1,
): Climbed {
  const step = Math.min(ladder.step, playbook.steps.length - 1)
  const sinceMs = Math.min(ladder.sinceMs, nowMs)
  const calmSinceMs = isCalm(playbook, attack) ? Math.min(ladder.calmSinceMs ?? nowMs, nowMs) : undefined
  const here: Ladder = { playbook: playbook.name, step, sinceMs, calmSinceMs }
  const move =
    calmSinceMs === undefined ? up(here, playbook, attack, nowMs, pace) : down(here, playbook, attack, nowMs)
  if (move === undefined) return { ladder: here, reason: undefined }
  return { ladder: { ...here, step: move.to, sinceMs: nowMs, calmSinceMs: undefined }, reason: move.reason }
}

const isCalm = ({ deescalate }: Playbook, { speed, peak }: Progress): boolean =>
  deescalate !== undefined && speed < deescalate.belowShare * peak

interface Move {
  readonly to: number
  readonly reason: string
}

function up(
  { step, sinceMs }: Ladder,
  { steps }: Playbook,
  attack: Progress,
  nowMs: number,
  pace: number,
): Move | undefined {
  const next = steps[step + 1]
  const seconds = (nowMs - sinceMs) / 1000
  if (next?.escalateAfter === undefined || !attack.isOver) return undefined
  const { minimumConfidence } = next.escalateAfter
  const least = next.escalateAfter.seconds * pace
  if (seconds < least || attack.confidence < minimumConfidence) return undefined
  const reason =
    `up from step ${steps[step]?.name} to step ${next.name}: still over its limit after ${whole(seconds)} s on the step ` +
    `(at least ${least} s${pace === 1 ? '' : `, ${pace} times its own by the customer's escalation`}), and the confidence is ${round(attack.confidence)} (at least ${minimumConfidence})`
  return { to: step + 1, reason }
}

function down(
  { step, calmSinceMs = 0 }: Ladder,
  { steps, deescalate }: Playbook,
  { speed, peak }: Progress,
  nowMs: number,
): Move | undefined {
  const seconds = (nowMs - calmSinceMs) / 1000
  if (step === 0 || deescalate === undefined || seconds < deescalate.seconds) return undefined
  const reason =
    `down from step ${steps[step]?.name} to step ${steps[step - 1]?.name}: for ${whole(seconds)} s below ` +
    `${Math.round(deescalate.belowShare * 100)} % of its peak, now ${whole(speed)} of ${whole(peak)} packets/s (for at least ${deescalate.seconds} s)`
  return { to: step - 1, reason }
}

const round = (value: number): number => Math.round(value * 100) / 100
