// Where an attack stands: by which playbook it is answered now, and on which of its steps.
//
// It stays with its playbook as long as that is in force, and leaves it only for one that stands earlier in the list and
// has come to fit, so that it never goes to and fro. On another ladder it keeps its height as far as it would have come there by
// now: protection is not let go because an attack is understood better, and no step is taken before its time.

import { paceOf } from './escalation.ts'
import { climb, firstStep, type Ladder, type Progress } from './ladder.ts'
import { isOpen, type Playbook, playbookOf, type Situation } from './playbook.ts'

export interface Standing {
  readonly playbook: Playbook
  readonly ladder: Ladder
  /** Why it is another step or playbook than before. */
  readonly change: string | undefined
  /** Where it stood, when it has just come up a step. */
  readonly below: Ladder | undefined
}

/** `undefined`: no configured playbook answers it. */
export function standingOf(
  playbooks: readonly Playbook[],
  situation: Situation,
  progress: Progress,
  ladder: Ladder | undefined,
  nowMs: number,
): Standing | undefined {
  const best = playbookOf(playbooks, situation, nowMs)
  const own =
    ladder && playbooks.find(playbook => playbook.name === ladder.playbook && isOpen(playbook, nowMs))
  if (ladder === undefined || own === undefined) return best && moveTo(best, ladder, situation, nowMs)
  if (best !== undefined && playbooks.indexOf(best) < playbooks.indexOf(own))
    return moveTo(best, ladder, situation, nowMs)
  const { ladder: next, reason } = climb(ladder, own, progress, nowMs, paceOf(situation.entries))
  const isUp = next.step > ladder.step
  const below = { ...next, step: ladder.step, sinceMs: Math.min(ladder.sinceMs, nowMs) }
  return { playbook: own, ladder: next, change: reason, below: isUp ? below : undefined }
}

function moveTo(
  playbook: Playbook,
  before: Ladder | undefined,
  situation: Situation,
  nowMs: number,
): Standing {
  const first = firstStep(playbook, nowMs)
  if (before === undefined) return { playbook, ladder: first, change: undefined, below: undefined }
  const step = heightOn(playbook, before.step, situation, nowMs)
  const change = `playbook ${playbook.name} answers it from now on, and no longer ${before.playbook}`
  return { playbook, ladder: { ...first, step }, change, below: undefined }
}

/** The highest step, at most `highest`, whose time and confidence an attack that opened then has by now. */
function heightOn(
  { steps }: Playbook,
  highest: number,
  { attack, confidence, entries }: Situation,
  nowMs: number,
): number {
  const pace = paceOf(entries)
  let seconds = 0
  for (let step = 1; step <= Math.min(highest, steps.length - 1); step++) {
    const wanted = steps[step]?.escalateAfter
    if (wanted === undefined) return step - 1
    seconds += wanted.seconds * pace
    if (confidence < wanted.minimumConfidence || nowMs - attack.openedAt < seconds * 1000) return step - 1
  }
  return Math.min(highest, steps.length - 1)
}
