// From an attack to a decision: what is done, what would be done, or why nothing is.

import type { Attack } from '#4-detection/attack.ts'
import { whyOpened } from '#5-evidence/report.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { isPrefixComponent } from '#lib/flowspec/rule.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { type Action, actionText } from './action.ts'
import type { AnnouncementPlan } from './announcement-plan.ts'
import { inspect, type Rail, type Rails, type Verdict } from './guardrail.ts'
import { type ChosenStep, type Means, type Playbook, playbookFor, stepsFor } from './playbook.ts'

/** An action that a rail kept back while others of the same decision go ahead. */
export interface Withheld {
  readonly action: Action
  readonly refusals: readonly Verdict[]
}

interface Chosen {
  readonly reasons: readonly string[]
  /** Missing when no action was kept back. */
  readonly withheld?: readonly Withheld[]
}

export type Decision =
  | ({ readonly kind: 'act'; readonly actions: readonly Action[] } & Chosen)
  /** Not armed: all of it was decided, none of it is carried out. */
  | ({ readonly kind: 'dry-run'; readonly would: readonly Action[] } & Chosen)
  | { readonly kind: 'refused'; readonly refusals: readonly Verdict[] }
  | { readonly kind: 'nothing'; readonly reason: string }

export interface DecisionContext {
  /** Its networks are also those that announcements may name. */
  readonly rails: Rails
  readonly armed: boolean
  readonly scriptPath: string | undefined
  /** Whether the script is called for attacks that are not on one host; missing: it is not. */
  readonly scriptTakesPrefixes?: boolean
  /** Announcements that are configured, in their order. Missing: none. */
  readonly announcements?: readonly AnnouncementPlan[]
}

/** Decides about an attack that has just opened. `reasons` stand beside the actions, one sentence for each. */
export function decide(
  attack: Attack,
  context: DecisionContext,
  playbook: Playbook = playbookFor(meansOf(context)),
): Decision {
  if (attack.state === 'ended') return { kind: 'nothing', reason: `the attack on ${attack.host} is over` }
  const { rails } = context
  const refusals = inspectAttack(attack, rails)
  if (refusals.length > 0) return { kind: 'refused', refusals }
  const steps = stepsFor(playbook, attack, meansOf(context))
  if (steps.length === 0) {
    return {
      kind: 'nothing',
      reason: `playbook ${playbook.name} has nothing to do: ${whyNothing(attack, context)}`,
    }
  }
  const withheld = steps.map(({ action }) => ({ action, refusals: refusalsOf(action, rails) }))
  const allowed = steps.filter((_, at) => withheld[at]?.refusals.length === 0)
  const kept = withheld.filter(({ refusals }) => refusals.length > 0)
  if (allowed.length === 0) return { kind: 'refused', refusals: kept.flatMap(({ refusals }) => refusals) }
  const actions = allowed.map(({ action }) => action)
  const chosen = {
    reasons: allowed.map(step => reasonOf(step, playbook, attack)),
    ...(kept.length === 0 ? {} : { withheld: kept }),
  }
  return context.armed ? { kind: 'act', actions, ...chosen } : { kind: 'dry-run', would: actions, ...chosen }
}

const whyNothing = ({ scope, host }: Attack, { scriptPath }: DecisionContext): string =>
  scope === 'host' || scriptPath === undefined
    ? 'no script is configured'
    : `${host} is no single host, and the script is not called for prefixes (enforcement.notifyScript.prefixes)`

const reasonOf = ({ step, action }: ChosenStep, playbook: Playbook, attack: Attack): string =>
  `playbook ${playbook.name}, step ${step.name}: ${actionText(action)}, because ${whyOpened(attack)}`

const meansOf = (context: DecisionContext): Means => ({ ...context, networks: context.rails.networks })

/** Refusals of acting for the attack at all: all that it touches must be allowed. */
export function inspectAttack(attack: Attack, rails: Rails): Verdict[] {
  const prefixes = attack.scope === 'host' ? [attack.host] : attack.prefixes
  return inspect(attack.host, rails, prefixes).filter(verdict => !verdict.allowed)
}

/** Rails about prefixes. Those that count hosts are asked once for each attack, not for each of its actions. */
const PREFIX_RAILS: readonly Rail[] = ['default-route', 'outside-networks', 'management', 'whitelist']

/** What an action touches may be wider than the attacked host: it passes the rails by itself. */
function refusalsOf(action: Action, rails: Rails): Verdict[] {
  if (action.kind === 'script') return []
  return inspect(targetOf(action), rails).filter(
    ({ rail, allowed }) => !allowed && PREFIX_RAILS.includes(rail),
  )
}

/** The prefix whose traffic is touched; of a rule without a destination the whole of the Internet. */
function targetOf(action: Exclude<Action, { kind: 'script' }>): string {
  if (action.kind !== 'filter') return action.prefix
  const rule = parseRule(action.rule)
  const destination =
    rule.kind === 'parsed' && rule.value.components.find(({ type }) => type === 'destination')
  return destination && isPrefixComponent(destination) ? formatPrefix(destination.prefix) : '0.0.0.0/0'
}

/** The decision in one sentence, for logs and people. */
export function decisionText(attack: Attack, decision: Decision): string {
  switch (decision.kind) {
    case 'act':
      return `acting for ${attack.host}: ${decision.reasons.join('; ')}${withheldText(decision)}`
    case 'dry-run':
      return `dry run, nothing is done for ${attack.host}; armed it would be: ${decision.reasons.join('; ')}${withheldText(decision)}`
    case 'refused':
      return `refused to act for ${attack.host}: ${refusalText(decision.refusals)}`
    case 'nothing':
      return decision.reason
  }
}

const withheldText = ({ withheld = [] }: Chosen): string =>
  withheld
    .map(({ action, refusals }) => `; refused to ${actionText(action)}: ${refusalText(refusals)}`)
    .join('')

const refusalText = (refusals: readonly Verdict[]): string =>
  refusals.map(({ rail, reason }) => `${reason} (rail ${rail})`).join('; ')
