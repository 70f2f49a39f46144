// What a step of a playbook comes to: actions that can be carried, what cannot be done, and what is still to come.

import type { Rule } from '#lib/flowspec/rule.ts'
import type { Action, ActionKind } from './action.ts'
import type { BoundKind } from './bounds.ts'
import type { Means } from './builtin-playbook.ts'
import type { ProfileMeans } from './countermeasure.ts'
import type { DistilledFacts } from './distilled-rules.ts'
import type { Verdict } from './guardrail.ts'

/** Who carries actions out: name and kinds. */
export interface Carrier {
  readonly name: string
  readonly actions: readonly ActionKind[]
}

export interface StepMeans extends Means, DistilledFacts {
  readonly enforcers: readonly Carrier[]
  /** Protection profiles; missing: there are none. */
  readonly protection?: readonly ProfileMeans[]
}

export interface Planned {
  readonly action: Action
  /** Of a script none. */
  readonly bound: BoundKind | undefined
  /** How it differs from what was meant; missing: not at all. */
  readonly note?: string
  /** The rule of a filter, as its text says it. */
  readonly rule?: Rule
}

export interface PlannedStep {
  readonly planned: readonly Planned[]
  /** What the step wants and nobody can do, or no rule can say. */
  readonly refusals: readonly Verdict[]
  /** What is still to come before more can be done, a sentence each. */
  readonly waits: readonly string[]
}

export const NOTHING: PlannedStep = { planned: [], refusals: [], waits: [] }
export const does = (...planned: readonly Planned[]): PlannedStep => ({ ...NOTHING, planned })
/** A plan of nothing, and why. */
export const impossible = (
  rail: 'means' | 'rule' | 'inseparable',
  ...reasons: readonly string[]
): PlannedStep => ({
  ...NOTHING,
  refusals: reasons.map(reason => ({ rail, allowed: false, reason })),
})
