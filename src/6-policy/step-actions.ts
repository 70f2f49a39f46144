// From what a step wants to actions that an enforcer can carry: rules, routes, the call of the script.

import type { Attack } from '#4-detection/attack.ts'
import type { Action as RuleAction } from '#lib/flowspec/rule.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { type ActionKind, ANNOUNCERS, type Announcer } from './action.ts'
import { routesFor } from './announcement-plan.ts'
import { distilledRules, type StepRules } from './distilled-rules.ts'
import { filterRules } from './filter-rule.ts'
import {
  type Carrier,
  does,
  impossible,
  NOTHING,
  type Planned,
  type PlannedStep,
  type StepMeans,
} from './planned-step.ts'
import type { Step } from './playbook.ts'
import type { StepActionConfig } from './playbook-config.ts'
import { planCountermeasures } from './step-countermeasures.ts'

export function planStep({ actions }: Step, attack: Attack, means: StepMeans): PlannedStep {
  const plans = actions.map(action => planAction(action, attack, means))
  return {
    planned: plans.flatMap(({ planned }) => planned),
    refusals: plans.flatMap(({ refusals }) => refusals),
    waits: [...new Set(plans.flatMap(({ waits }) => waits))],
  }
}

function planAction(wanted: StepActionConfig, attack: Attack, means: StepMeans): PlannedStep {
  switch (wanted.kind) {
    case 'observe':
      return NOTHING
    case 'script':
      return callScript(attack, means)
    case 'blackhole':
      return blackhole(wanted, attack, means)
    case 'rate-limit':
    case 'discard':
      return filter(wanted, attack, means)
    case 'divert':
      return divert(wanted, attack, means)
    case 'countermeasure':
      return planCountermeasures(wanted, attack, means)
  }
}

function callScript(
  { scope, host }: Attack,
  { scriptPath, scriptTakesPrefixes = false }: StepMeans,
): PlannedStep {
  if (scriptPath === undefined) return impossible('means', 'no script is configured')
  if (scope !== 'host' && !scriptTakesPrefixes)
    return impossible(
      'means',
      `${host} is no single host, and the script is not called for prefixes (enforcement.notifyScript.prefixes)`,
    )
  return does({ action: { kind: 'script', path: scriptPath }, bound: undefined })
}

function blackhole({ scope = 'host' }: StepActionConfig, attack: Attack, means: StepMeans): PlannedStep {
  const plans = (means.announcements ?? []).filter(
    plan => plan.scope === scope && plan.family === attack.family,
  )
  if (plans.length === 0)
    return impossible('means', `no announcement of the ${scope} is configured for IPv${attack.family}`)
  const routes = plans.flatMap(plan => routesFor(plan, attack, means.networks))
  if (routes.length === 0)
    return impossible(
      'means',
      `${attack.host} is no single host, and its hosts are not known: blackhole the network`,
    )
  return does(...routes.map(action => ({ action, bound: scope })))
}

/** FlowSpec counts a rate in a float of 32 bits: whole numbers stay the same on their way. */
export const rateOf = (perSecond: number): number => Math.fround(Math.max(1, Math.round(perSecond)))

export function ruleActionOf({
  kind,
  bitsPerSecond,
  packetsPerSecond,
}: StepActionConfig): RuleAction | undefined {
  if (kind === 'discard') return { kind: 'discard' }
  if (kind !== 'rate-limit') return undefined
  if (packetsPerSecond !== undefined)
    return { kind: 'rate-packets', packetsPerSecond: rateOf(packetsPerSecond), asn: 0 }
  return bitsPerSecond === undefined
    ? undefined
    : { kind: 'rate-bytes', bytesPerSecond: rateOf(bitsPerSecond / 8), asn: 0 }
}

function filter(wanted: StepActionConfig, attack: Attack, means: StepMeans): PlannedStep {
  const enforcer = announcerOf(wanted, 'filter', means.enforcers)
  if (enforcer === undefined) return impossible('means', 'no enforcer that announces rules is configured')
  const action = ruleActionOf(wanted)
  if (action === undefined) return impossible('rule', 'a rate-limit has no rate')
  const made: StepRules =
    wanted.rule === 'vector'
      ? { kind: 'rules', ...filterRules(attack, action, means) }
      : distilledRules(attack, action, means)
  if (made.kind === 'sought') return { ...NOTHING, waits: [made.reason] }
  if (made.kind === 'inseparable') return impossible('inseparable', made.reason)
  return {
    ...impossible('rule', ...made.problems),
    planned: made.rules.map(({ text, rule, note }) => ({
      ...{ action: { kind: 'filter', enforcer, rule: text }, bound: 'rule', rule },
      ...(note === undefined ? {} : { note }),
    })),
  }
}

function divert(wanted: StepActionConfig, attack: Attack, means: StepMeans): PlannedStep {
  const enforcer = announcerOf(wanted, 'divert', means.enforcers)
  if (enforcer === undefined) return impossible('means', 'no enforcer that diverts is configured')
  const address = parseAddress((attack.family === 4 ? wanted.nextHopIpv4 : wanted.nextHopIpv6) ?? '')
  if (address === undefined)
    return impossible('means', `no way to a scrubber is configured for IPv${attack.family}`)
  const attributes = { nextHop: formatAddress(address), communities: wanted.communities ?? [], enforcer }
  const prefixes = divertedPrefixes(wanted, attack, means)
  if (prefixes.length === 0) return impossible('means', `${attack.host} lies in none of our networks`)
  return does(
    ...prefixes.map(
      (prefix): Planned => ({ action: { kind: 'divert', prefix, ...attributes }, bound: 'divert' }),
    ),
  )
}

function divertedPrefixes(
  { scope = 'network' }: StepActionConfig,
  attack: Attack,
  { networks }: StepMeans,
): string[] {
  const attacked = (attack.scope === 'host' ? [attack.host] : attack.prefixes).flatMap(
    text => parsePrefix(text) ?? [],
  )
  const meant = scope === 'host' ? attacked : attacked.flatMap(prefix => networks.covering(prefix) ?? [])
  return [...new Set(meant.map(formatPrefix))]
}

/** The one that is named, or the first that can, in the order of the configuration. */
export function announcerOf(
  { enforcer }: Pick<StepActionConfig, 'enforcer'>,
  kind: ActionKind,
  carriers: readonly Carrier[],
): Announcer | undefined {
  const able = carriers.filter(({ actions }) => actions.includes(kind)).map(({ name }) => name)
  const known = ANNOUNCERS.filter(name => able.includes(name))
  if (enforcer !== undefined) return known.find(name => name === enforcer)
  return able.flatMap(name => known.filter(one => one === name))[0]
}
