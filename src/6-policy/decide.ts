// From an attack to a decision: what is done, what would be done, or why nothing is.

import type { Attack } from '#4-detection/attack.ts'
import { whyOpened } from '#5-evidence/report.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { type Action, actionText } from './action.ts'
import type { AnnouncementPlan } from './announcement-plan.ts'
import { beliefIn, type Voices } from './belief.ts'
import { ttl, USUAL_ADDRESSES_MAX, USUAL_BOUNDS } from './bounds.ts'
import { playbookFor, stepsFor } from './builtin-playbook.ts'
import type { ProfileMeans } from './countermeasure.ts'
import type { Distilling } from './distilled-rules.ts'
import { inspect, type Rails, type Verdict } from './guardrail.ts'
import type { Inventory, InventoryEntry } from './inventory.ts'
import type { Ladder, Progress } from './ladder.ts'
import { isWhole, planOrdered } from './ordered-rule.ts'
import { type Owner, permit, type Withheld } from './permit.ts'
import type { Carrier, Planned, StepMeans } from './planned-step.ts'
import type { Playbook } from './playbook.ts'
import type { EnforcingRouter } from './router-fit.ts'
import { type Standing, standingOf } from './standing.ts'
import { planStep } from './step-actions.ts'
import { actionsOf } from './wanted.ts'

interface Chosen {
  readonly reasons: readonly string[]
  /** Missing when no action was kept back. */
  readonly withheld?: readonly Withheld[]
  /** What the step wants and could not be made; missing when all could. */
  readonly unmade?: readonly Verdict[]
  /** Beside the actions: whose traffic each touches. Missing without an inventory. */
  readonly owners?: readonly Owner[]
}

/** Where the attack stands; missing when no configured playbook answers it. Hand the ladder in when it is decided about again. */
interface Placed {
  readonly playbook?: string
  readonly ladder?: Ladder
  /** What is done ends after so long, unless the attack is still seen. */
  readonly ttlSeconds?: number
  /** Why it stands on another step than before. */
  readonly change?: string
  /** What is still to come before all of the step can be done. */
  readonly waits?: string
  /** How the confidence was made of several reports; missing when there were none. */
  readonly agreement?: string
}

export type Decision =
  | ({ readonly kind: 'act'; readonly actions: readonly Action[] } & Chosen & Placed)
  /** Not armed, or a playbook that only shows: all of it was decided, none of it is carried out. */
  | ({
      readonly kind: 'dry-run'
      readonly would: readonly Action[]
      readonly isByPlaybook?: boolean
    } & Chosen &
      Placed)
  | ({ readonly kind: 'refused'; readonly refusals: readonly Verdict[] } & Placed)
  | ({ readonly kind: 'nothing'; readonly reason: string } & Placed)

export interface DecisionContext extends Voices {
  /** Its networks are also those that announcements may name. */
  readonly rails: Rails
  readonly armed: boolean
  readonly scriptPath: string | undefined
  /** Whether the script is called for attacks that are not on one host; missing: it is not. */
  readonly scriptTakesPrefixes?: boolean
  /** Announcements that are configured, in their order. Missing: none. */
  readonly announcements?: readonly AnnouncementPlan[]
  /** In the order in which they are asked. Missing: only the built-in one answers. */
  readonly playbooks?: readonly Playbook[]
  readonly inventory?: Inventory
  /** Where the attack stood; missing: it has just opened. */
  readonly ladder?: Ladder
  /** Who carries actions out, in the order of the configuration. Missing: nobody announces rules or diversions. */
  readonly enforcers?: readonly Carrier[]
  /** Protection profiles, in the order of the configuration. Missing: there are none. */
  readonly protection?: readonly ProfileMeans[]
  /** What is held for the attack already. */
  readonly held?: readonly Action[]
  /** Name of the foreign detector that reported the attack; missing: nobody did. */
  readonly source?: string
  /** Packets per second now; missing: its peak while it is over a limit, else none. */
  readonly speed?: number
  /** Ports that most of the flood goes to; missing: not known. */
  readonly floodPorts?: readonly number[]
  /** Whom a host of ours attacks, as prefixes; missing: not known. */
  readonly remoteTargets?: readonly string[]
  /** What enforces FlowSpec rules; missing: nothing is known of it. */
  readonly flowspecRouter?: EnforcingRouter
  /** Rules that are sought in its packets; missing: nobody seeks any. */
  readonly distilling?: Distilling
}

/** Decides about an attack that has just opened, or goes on. `reasons` stand beside the actions, one sentence for each. */
export function decide(attack: Attack, context: DecisionContext): Decision {
  if (attack.state === 'ended') return { kind: 'nothing', reason: `the attack on ${attack.host} is over` }
  const refusals = inspectAttack(attack, context.rails)
  if (refusals.length > 0) return { kind: 'refused', refusals }
  const belief = beliefIn(attack, context)
  const standing = standingFor(attack, context, belief.confidence)
  if (standing === undefined) return decideBuiltin(attack, context)
  const decision = decideOnStep(attack, context, standing, belief.confidence)
  return belief.agreement === undefined ? decision : { ...decision, agreement: belief.agreement }
}

function standingFor(attack: Attack, context: DecisionContext, confidence: number): Standing | undefined {
  const { playbooks = [], inventory, source, ladder, floodPorts, nowMs = attack.openedAt } = context
  if (playbooks.length === 0) return undefined
  const entries = inventory === undefined ? [] : entriesOf(attack, inventory)
  const progress = progressOf(attack, confidence, context.speed)
  return standingOf(playbooks, { attack, source, confidence, entries, floodPorts }, progress, ladder, nowMs)
}

function progressOf(attack: Attack, confidence: number, speed: number | undefined): Progress {
  const isOver = attack.state === 'open' && attack.isOver
  return { isOver, confidence, peak: attack.peak, speed: speed ?? (isOver ? attack.peak : 0) }
}

const entriesOf = (attack: Attack, inventory: Inventory): InventoryEntry[] =>
  prefixesOf(attack).flatMap(text => {
    const prefix = parsePrefix(text)
    return (prefix && inventory.find(prefix)) ?? []
  })

const prefixesOf = ({ scope, host, prefixes }: Attack): readonly string[] =>
  scope === 'host' ? [host] : prefixes

function decideBuiltin(attack: Attack, context: DecisionContext): Decision {
  const means = { ...context, networks: context.rails.networks }
  const playbook = playbookFor(means)
  const steps = stepsFor(playbook, attack, means)
  if (steps.length === 0) {
    return {
      kind: 'nothing',
      reason: `playbook ${playbook.name} has nothing to do: ${whyNothing(attack, context)}`,
    }
  }
  const wanted = steps.map(({ action, bound }): Planned => ({ action, bound }))
  const names = new Map(wanted.map((planned, at) => [planned, steps[at]?.step.name ?? '']))
  const reasonOf = (planned: Planned) =>
    reasonText(playbook.name, names.get(planned) ?? '', planned.action, attack)
  const { addressesMax } = context.rails.bounds ?? USUAL_BOUNDS
  return take(wanted, context, { reasonOf, addressesMax, unmade: [], isDry: false, placed: {} })
}

/**
 * A step up that nothing of can be done is not gone: the attack stays where it was, with what it had. A step that would only
 * discard what nothing tells from honest traffic is passed over at once.
 */
function decideOnStep(
  attack: Attack,
  context: DecisionContext,
  standing: Standing,
  confidence: number,
): Decision {
  const decision = decideStep(attack, context, standing)
  const beside = isInseparable(decision) ? besideStep(attack, context, standing, confidence) : undefined
  if (beside !== undefined) return decideOnStep(attack, context, beside, confidence)
  if (decision.kind !== 'refused' || standing.below === undefined) return decision
  const name = standing.playbook.steps[standing.ladder.step]?.name ?? ''
  const change = `not to step ${name}: ${refusalText(decision.refusals)}`
  return decideStep(attack, context, { ...standing, ladder: standing.below, below: undefined, change })
}

/** Nothing of it touches traffic, because no rule can tell the flood from what is honest. */
const isInseparable = (decision: Decision): boolean =>
  refusalsIn(decision).some(({ rail }) => rail === 'inseparable') &&
  actionsOf(decision).every(({ kind }) => kind === 'script')

const refusalsIn = (decision: Decision): readonly Verdict[] =>
  decision.kind === 'refused' ? decision.refusals : decision.kind === 'nothing' ? [] : (decision.unmade ?? [])

/** The next step in the direction in which the attack moves; `undefined` when it stays. */
function besideStep(
  attack: Attack,
  { ladder: before, nowMs = attack.openedAt }: DecisionContext,
  standing: Standing,
  confidence: number,
): Standing | undefined {
  const { playbook, ladder } = standing
  const here = playbook.steps[ladder.step]?.name ?? ''
  const isDown = before?.playbook === playbook.name && ladder.step < before.step
  const to = isDown ? ladder.step - 1 : ladder.step + 1
  const step = playbook.steps[to]
  if (step === undefined) return undefined
  const said = standing.change === undefined ? '' : `${standing.change}; `
  const change = `${said}past step ${here} to step ${step.name} at once: nothing tells the flood from honest traffic`
  const moved = { ...ladder, step: to, sinceMs: nowMs, calmSinceMs: undefined }
  if (isDown) return { playbook, ladder: moved, change, below: undefined }
  const isGoing = attack.state === 'open' && attack.isOver && ladder.calmSinceMs === undefined
  const isSure = confidence >= (step.escalateAfter?.minimumConfidence ?? Number.POSITIVE_INFINITY)
  return isGoing && isSure ? { playbook, ladder: moved, change, below: standing.below ?? ladder } : undefined
}

function decideStep(
  attack: Attack,
  context: DecisionContext,
  { playbook, ladder, change }: Standing,
): Decision {
  const { rails, inventory, enforcers = [], floodPorts, remoteTargets } = context
  const step = playbook.steps[ladder.step]
  if (step === undefined) return { kind: 'nothing', reason: `playbook ${playbook.name} has no step` }
  const at: Placed = {
    ...{ playbook: playbook.name, ladder, ttlSeconds: step.ttlSeconds },
    ...(change === undefined ? {} : { change }),
  }
  const bounds = rails.bounds ?? USUAL_BOUNDS
  const lifetime = ttl(step.ttlSeconds, bounds)
  if (!lifetime.allowed) return { kind: 'refused', refusals: [lifetime], ...at }
  const facts = { networks: rails.networks, enforcers, inventory, floodPorts, remoteTargets }
  const means: StepMeans = { ...context, ...facts }
  const order = attack.reported?.order
  const { planned, refusals, waits } =
    order !== undefined && isWhole(order) ? planOrdered(order, attack, means) : planStep(step, attack, means)
  const placed: Placed = waits.length === 0 ? at : { ...at, waits: waits.join('; ') }
  if (planned.length === 0 && refusals.length > 0) return { kind: 'refused', refusals, ...placed }
  if (planned.length === 0) {
    const what = waits.length === 0 ? 'only watched' : 'nothing yet'
    const reason = `playbook ${playbook.name}, step ${step.name}: ${what}, because ${whyOpened(attack)}`
    return { kind: 'nothing', reason, ...placed }
  }
  return take(planned, context, {
    reasonOf: ({ action, note }) =>
      `${reasonText(playbook.name, step.name, action, attack)}${note === undefined ? '' : ` (${note})`}`,
    addressesMax: bounds.addressesMax ?? USUAL_ADDRESSES_MAX,
    ...{ unmade: refusals, isDry: playbook.dryRun, placed },
  })
}

interface Taking {
  readonly reasonOf: (planned: Planned) => string
  readonly addressesMax: number | undefined
  readonly unmade: readonly Verdict[]
  /** Shown only, by the word of the playbook. */
  readonly isDry: boolean
  readonly placed: Placed
}

function take(wanted: readonly Planned[], context: DecisionContext, taking: Taking): Decision {
  const { rails, inventory, held = [], armed } = context
  const { reasonOf, addressesMax, unmade, isDry, placed } = taking
  const judged = permit(wanted, { rails, inventory, held, addressesMax })
  const allowed = judged.filter(({ refusals }) => refusals.length === 0)
  const kept = judged.filter(({ refusals }) => refusals.length > 0)
  if (allowed.length === 0)
    return { kind: 'refused', refusals: [...unmade, ...kept.flatMap(({ refusals }) => refusals)], ...placed }
  const actions = allowed.map(({ planned }) => planned.action)
  const withheld = kept.map(({ planned, refusals }): Withheld => ({ action: planned.action, refusals }))
  const chosen: Chosen & Placed = {
    reasons: allowed.map(({ planned }) => reasonOf(planned)),
    ...(withheld.length === 0 ? {} : { withheld }),
    ...(unmade.length === 0 ? {} : { unmade }),
    ...(inventory === undefined ? {} : { owners: allowed.map(({ owner }) => owner) }),
    ...placed,
  }
  if (armed && !isDry) return { kind: 'act', actions, ...chosen }
  return { kind: 'dry-run', would: actions, ...(isDry ? { isByPlaybook: true } : {}), ...chosen }
}

const whyNothing = ({ scope, host }: Attack, { scriptPath }: DecisionContext): string =>
  scope === 'host' || scriptPath === undefined
    ? 'no script is configured'
    : `${host} is no single host, and the script is not called for prefixes (enforcement.notifyScript.prefixes)`

const reasonText = (playbook: string, step: string, action: Action, attack: Attack): string =>
  ['playbook ', playbook, ', step ', step, ': ', actionText(action), ', because ', whyOpened(attack)].join('')

/** Refusals of acting for the attack at all: all that it touches must be allowed. */
export function inspectAttack(attack: Attack, rails: Rails): Verdict[] {
  return inspect(attack.host, rails, prefixesOf(attack)).filter(verdict => !verdict.allowed)
}

/**
 * The decision in one sentence, for logs and people. Joined, because it is kept for as long as the attack: a template would
 * be kept as a tree of its parts.
 */
export function decisionText(attack: Attack, decision: Decision): string {
  return sentenceParts(attack, decision).join('')
}

function sentenceParts({ host }: Attack, decision: Decision): readonly string[] {
  const told = [decision.change, decision.waits, decision.agreement].filter(text => text !== undefined)
  const change = told.map(text => `${text}; `).join('')
  switch (decision.kind) {
    case 'act':
      return ['acting for ', host, ': ', change, chosenText(decision)]
    case 'dry-run':
      return decision.isByPlaybook === true
        ? [
            `dry run of playbook ${decision.playbook}, nothing is done for ${host}; otherwise it would be: `,
            ...[change, chosenText(decision)],
          ]
        : [`dry run, nothing is done for ${host}; armed it would be: `, change, chosenText(decision)]
    case 'refused':
      return ['refused to act for ', host, ': ', change, refusalText(decision.refusals)]
    case 'nothing':
      return [change, decision.reason]
  }
}

const chosenText = ({ reasons, withheld = [], unmade = [] }: Chosen): string =>
  [
    ...reasons,
    ...withheld.map(({ action, refusals }) => `refused to ${actionText(action)}: ${refusalText(refusals)}`),
    ...(unmade.length === 0 ? [] : [`not possible: ${refusalText(unmade)}`]),
  ].join('; ')

const refusalText = (refusals: readonly Verdict[]): string =>
  refusals.map(({ rail, reason }) => `${reason} (rail ${rail})`).join('; ')
