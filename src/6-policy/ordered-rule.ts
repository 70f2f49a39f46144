// From what a person orders whole to the action: a FlowSpec rule as he wrote it (RFC 8955, RFC 8956), or the route of a blackhole.
//
// It is fitted to the routers and passes the same rails as what playbooks want; nothing of it is guessed.

import type { Attack, Order } from '#4-detection/attack.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Rule, Action as RuleAction } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { AnnouncementPlan } from './announcement-plan.ts'
import { does, impossible, type Planned, type PlannedStep, type StepMeans } from './planned-step.ts'
import { fitToRouter } from './router-fit.ts'
import { announcerOf, rateOf } from './step-actions.ts'

const NO_ANNOUNCER =
  'no enforcer that announces rules is configured: set enforcement.gobgp.address or enforcement.exabgp.pipe'

/** Whether the order says the whole action itself. */
export const isWhole = ({ kind, flow }: Order): boolean => flow !== undefined || kind === 'blackhole'

export function planOrdered(order: Order, attack: Attack, means: StepMeans): PlannedStep {
  return order.kind === 'blackhole' ? orderedRoute(attack, means) : orderedRule(order, means)
}

function orderedRule(order: Order, means: StepMeans): PlannedStep {
  const { flow = '', isMonitored = false } = order
  // What is only watched needs nobody who announces.
  const enforcer = announcerOf({}, 'filter', means.enforcers) ?? (isMonitored ? 'gobgp' : undefined)
  if (enforcer === undefined) return impossible('means', NO_ANNOUNCER)
  const action = ruleActionOf(order)
  const parsed = parseRule(flow)
  if (parsed.kind === 'problem') return impossible('rule', `the rule cannot be read: ${parsed.what}`)
  if (action === undefined) return impossible('rule', 'a rate-limit has no rate')
  const { components, family } = parsed.value
  if (action.kind === 'discard' && components.every(({ type }) => type === 'destination'))
    return impossible('rule', 'the rule names nothing but its target: to discard all of it is a blackhole')
  const fitted = fitToRouter(canonical({ family, components, actions: [action] }), means.flowspecRouter)
  if (fitted.kind === 'refused') return impossible('rule', fitted.reason)
  const { rule, note } = fitted
  const [problem] = problemsForGobgpd(rule, { allowOffsets: false })
  return problem === undefined ? does(plannedRule(rule, enforcer, note)) : impossible('rule', problem)
}

const plannedRule = (rule: Rule, enforcer: 'gobgp' | 'exabgp', note: string | undefined): Planned => ({
  ...{ action: { kind: 'filter', enforcer, rule: printRule(rule) }, bound: 'order', rule },
  ...(note === undefined ? {} : { note }),
})

/** Accept is the traffic-action without a bit: what matches passes, and no later rule is asked (RFC 8955, section 7.3). */
function ruleActionOf({ kind, bitsPerSecond, packetsPerSecond }: Order): RuleAction | undefined {
  switch (kind) {
    case 'discard':
      return { kind: 'discard' }
    case 'accept':
      return { kind: 'traffic-action', isSampled: false, isTerminal: false }
    case 'rate-limit':
      if (packetsPerSecond !== undefined)
        return { kind: 'rate-packets', packetsPerSecond: rateOf(packetsPerSecond), asn: 0 }
      return bitsPerSecond === undefined
        ? undefined
        : { kind: 'rate-bytes', bytesPerSecond: rateOf(bitsPerSecond / 8), asn: 0 }
    case 'blackhole':
      return undefined
  }
}

/** By the plans for such a prefix, a host or a network; where there are none, by the others of its family. */
function orderedRoute(attack: Attack, { announcements = [] }: StepMeans): PlannedStep {
  const prefix = parsePrefix(attack.prefixes[0] ?? attack.host)
  if (prefix === undefined) return impossible('means', `${attack.host} is no prefix`)
  const scope = prefix.length === bitsOf(prefix.family) ? 'host' : 'network'
  const ofFamily = announcements.filter(({ family }) => family === prefix.family)
  const ofScope = ofFamily.filter(plan => plan.scope === scope)
  const plans = ofScope.length > 0 ? ofScope : ofFamily
  if (plans.length === 0)
    return impossible('means', `no announcement is configured for IPv${prefix.family}, so nobody blackholes`)
  const text = formatPrefix(prefix)
  return does(...plans.map((plan): Planned => ({ action: routeOf(plan, text), bound: scope })))
}

const routeOf = (
  { nextHop, communities, enforcer }: AnnouncementPlan,
  prefix: string,
): Planned['action'] => ({
  ...{ kind: 'blackhole', prefix, nextHop, communities, enforcer },
})
