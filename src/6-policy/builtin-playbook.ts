// The built-in playbook: script and announcements, for whatever no configured one answers. A step whose means are missing is left out.

import type { Attack } from '#4-detection/attack.ts'
import type { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Action, ActionKind } from './action.ts'
import { type AnnouncementPlan, routesFor } from './announcement-plan.ts'
import type { BoundKind } from './bounds.ts'

export interface BuiltinStep {
  readonly name: string
  /** Attacks the step answers. */
  readonly origins: readonly Attack['origin'][]
  readonly action: Extract<ActionKind, 'script' | 'blackhole'>
}

export interface BuiltinPlaybook {
  readonly name: string
  readonly steps: readonly BuiltinStep[]
}

const ORIGINS = ['detected', 'manual', 'event'] as const
const NOTIFY: BuiltinStep = { name: 'notify', origins: ORIGINS, action: 'script' }
const ANNOUNCE: BuiltinStep = { name: 'announce', origins: ORIGINS, action: 'blackhole' }

/** Whatever the attack, call the operator's script. */
export const CALL_SCRIPT: BuiltinPlaybook = { name: 'call-script', steps: [NOTIFY] }

/** The script first, then every announcement that is configured, in its order. */
export const SCRIPT_AND_ANNOUNCE: BuiltinPlaybook = { name: 'script-and-announce', steps: [NOTIFY, ANNOUNCE] }

/** What the steps need in order to act. */
export interface Means {
  /** The operator's script; `undefined` when none is configured. */
  readonly scriptPath: string | undefined
  /** Whether the script is called for attacks that are not on one host; missing: it is not. */
  readonly scriptTakesPrefixes?: boolean
  /** In the order in which they are made: of each enforcer the network first, then the host. Missing: none. */
  readonly announcements?: readonly AnnouncementPlan[]
  readonly networks: PrefixSet
}

/** The built-in playbook for these means. */
export const playbookFor = ({ announcements = [] }: Means): BuiltinPlaybook =>
  announcements.length === 0 ? CALL_SCRIPT : SCRIPT_AND_ANNOUNCE

export interface ChosenStep {
  readonly step: BuiltinStep
  readonly action: Action
  /** Which bound of lengths it has to keep; a script has none. */
  readonly bound: BoundKind | undefined
}

/** The steps of the playbook that answer the attack, in order, with their actions. */
export function stepsFor(playbook: BuiltinPlaybook, attack: Attack, means: Means): ChosenStep[] {
  return playbook.steps
    .filter(step => step.origins.includes(attack.origin))
    .flatMap(step => actionsOf(step, attack, means).map(chosen => ({ step, ...chosen })))
}

function actionsOf(step: BuiltinStep, attack: Attack, means: Means): Omit<ChosenStep, 'step'>[] {
  const { scriptPath, announcements = [], networks } = means
  switch (step.action) {
    case 'script':
      // Scripts written for FastNetMon expect one address as their first argument.
      if (attack.scope !== 'host' && means.scriptTakesPrefixes !== true) return []
      return scriptPath === undefined
        ? []
        : [{ action: { kind: 'script', path: scriptPath }, bound: undefined }]
    case 'blackhole':
      return announcements.flatMap(plan =>
        routesFor(plan, attack, networks).map(action => ({ action, bound: plan.scope })),
      )
  }
}
