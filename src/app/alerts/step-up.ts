// Whether an attack went up a step of its playbook.

import type { Decision } from '#6-policy/decide.ts'

/** Where an attack stands on its playbook. */
export type Place = Decision['ladder']

export const NOWHERE = { sinceMs: 0, calmSinceMs: undefined }

export const isStepUp = (before: Place, now: Place): boolean =>
  now !== undefined && now.playbook === before?.playbook && now.step > before.step
