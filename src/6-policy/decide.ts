// From an attack to a decision: what is done, what would be done, or why nothing is.

import type { Attack } from '#4-detection/attack.ts'
import { whyOpened } from '#5-evidence/report.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import { type Action, actionText } from './action.ts'
import type { PolicyConfig } from './config.ts'
import { inspect, type Verdict } from './guardrail.ts'
import { CALL_SCRIPT, type Playbook, stepsFor } from './playbook.ts'

export type Decision =
  | { readonly kind: 'act'; readonly actions: readonly Action[]; readonly reasons: readonly string[] }
  /** Not armed: all of it was decided, none of it is carried out. */
  | { readonly kind: 'dry-run'; readonly would: readonly Action[]; readonly reasons: readonly string[] }
  | { readonly kind: 'refused'; readonly refusals: readonly Verdict[] }
  | { readonly kind: 'nothing'; readonly reason: string }

export interface DecisionContext {
  readonly networks: readonly Prefix[]
  readonly whitelist: readonly Prefix[]
  readonly managementPrefixes: readonly Prefix[]
  readonly policy: Pick<PolicyConfig, 'bansMax'>
  /** Mitigations that have not ended, of dry runs too. */
  readonly activeMitigations: Iterable<{ readonly target: string }>
  readonly armed: boolean
  readonly scriptPath: string | undefined
}

/** Decides about an attack that has just opened. `reasons` stand beside the actions, one sentence for each. */
export function decide(attack: Attack, context: DecisionContext, playbook: Playbook = CALL_SCRIPT): Decision {
  if (attack.state === 'ended') return { kind: 'nothing', reason: `the attack on ${attack.host} is over` }
  const refusals = refusalsOf(attack, context)
  if (refusals.length > 0) return { kind: 'refused', refusals }
  const steps = stepsFor(playbook, attack, context)
  if (steps.length === 0) {
    return { kind: 'nothing', reason: `playbook ${playbook.name} has nothing to do: no script is configured` }
  }
  const actions = steps.map(({ action }) => action)
  const reasons = steps.map(
    ({ step, action }) =>
      `playbook ${playbook.name}, step ${step.name}: ${actionText(action)}, because ${whyOpened(attack)}`,
  )
  return context.armed ? { kind: 'act', actions, reasons } : { kind: 'dry-run', would: actions, reasons }
}

function refusalsOf(attack: Attack, context: DecisionContext): Verdict[] {
  const { networks, whitelist, managementPrefixes, policy } = context
  const targets = new Set<string>()
  for (const { target } of context.activeMitigations) targets.add(target)
  const rails = { networks, whitelist, managementPrefixes, targets, bansMax: policy.bansMax }
  return inspect(attack.host, rails).filter(verdict => !verdict.allowed)
}

/** The decision in one sentence, for logs and people. */
export function decisionText(attack: Attack, decision: Decision): string {
  switch (decision.kind) {
    case 'act':
      return `acting for ${attack.host}: ${decision.reasons.join('; ')}`
    case 'dry-run':
      return `dry run, nothing is done for ${attack.host}; armed it would be: ${decision.reasons.join('; ')}`
    case 'refused':
      return `refused to act for ${attack.host}: ${decision.refusals.map(({ rail, reason }) => `${reason} (rail ${rail})`).join('; ')}`
    case 'nothing':
      return decision.reason
  }
}
