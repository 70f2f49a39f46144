// Where an attack stands: by which playbook it is answered now, and on which of its steps.
//
// It stays with its playbook as long as that is in force, and leaves it only for one that stands earlier in the list and
// has come to fit, so that it never goes to and fro. On another ladder it keeps its height: protection is not let go because an
// attack is understood better.

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
  if (ladder === undefined || own === undefined) return best && moveTo(best, ladder, nowMs)
  if (best !== undefined && playbooks.indexOf(best) < playbooks.indexOf(own))
    return moveTo(best, ladder, nowMs)
  const { ladder: next, reason } = climb(ladder, own, progress, nowMs)
  const isUp = next.step > ladder.step
  const below = { ...next, step: ladder.step, sinceMs: Math.min(ladder.sinceMs, nowMs) }
  return { playbook: own, ladder: next, change: reason, below: isUp ? below : undefined }
}

function moveTo(playbook: Playbook, before: Ladder | undefined, nowMs: number): Standing {
  const first = firstStep(playbook, nowMs)
  if (before === undefined) return { playbook, ladder: first, change: undefined, below: undefined }
  const step = Math.min(before.step, playbook.steps.length - 1)
  const change = `playbook ${playbook.name} answers it from now on, and no longer ${before.playbook}`
  return { playbook, ladder: { ...first, step }, change, below: undefined }
}
