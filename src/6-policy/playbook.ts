// A playbook: which actions answer an attack, as data. A step whose means are missing is left out.

import type { Attack } from '#4-detection/attack.ts'
import type { Action, ActionKind } from './action.ts'

export interface Step {
  readonly name: string
  /** Attacks the step answers. */
  readonly origins: readonly Attack['origin'][]
  readonly action: ActionKind
}

export interface Playbook {
  readonly name: string
  readonly steps: readonly Step[]
}

/** The one playbook that is built in: whatever the attack, call the operator's script. */
export const CALL_SCRIPT: Playbook = {
  name: 'call-script',
  steps: [{ name: 'notify', origins: ['detected', 'manual'], action: 'script' }],
}

/** What the steps need in order to act. */
export interface Means {
  /** The operator's script; `undefined` when none is configured. */
  readonly scriptPath: string | undefined
}

export interface ChosenStep {
  readonly step: Step
  readonly action: Action
}

/** The steps of the playbook that answer the attack, in order, with their actions. */
export function stepsFor(playbook: Playbook, attack: Attack, means: Means): ChosenStep[] {
  return playbook.steps
    .filter(step => step.origins.includes(attack.origin))
    .flatMap(step => {
      const action = actionOf(step, means)
      return action === undefined ? [] : [{ step, action }]
    })
}

function actionOf(step: Step, means: Means): Action | undefined {
  return means.scriptPath === undefined ? undefined : { kind: step.action, path: means.scriptPath }
}
