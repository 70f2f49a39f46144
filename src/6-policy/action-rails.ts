// Every action passes the rails by itself: what it touches may be wider, or elsewhere, than the attacked host.

import { parseRule } from '#lib/flowspec/parse.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { type BoundKind, prefixLength, USUAL_BOUNDS } from './bounds.ts'
import { CAPS, defaultRoute, inspect, listed, type Rails, safelisted, type Verdict } from './guardrail.ts'
import type { Planned } from './planned-step.ts'
import { endsOf, keepsBgp, ruleShape, ruleWithin } from './rule-rails.ts'

/** What refuses the action, whatever else is held. Empty: nothing does. */
export function refusalsOf({ action, bound, rule: made }: Planned, rails: Rails): Verdict[] {
  if (action.kind === 'script') return []
  if (action.kind === 'filter') {
    const kind = bound === 'order' ? bound : 'rule'
    if (made !== undefined) return ruleVerdicts(made, rails, kind).filter(({ allowed }) => !allowed)
    const rule = parseRule(action.rule)
    return rule.kind === 'parsed'
      ? ruleVerdicts(rule.value, rails, kind).filter(({ allowed }) => !allowed)
      : [{ rail: 'rule', allowed: false, reason: `the rule cannot be read: ${rule.what}` }]
  }
  const prefix = parsePrefix(action.prefix)
  const lengths = prefix && bound ? [lengthVerdict(prefix, bound, rails)] : []
  return [...inspect(action.prefix, rails).filter(({ rail }) => !CAPS.includes(rail)), ...lengths].filter(
    ({ allowed }) => !allowed,
  )
}

const lengthVerdict = (prefix: Prefix, bound: BoundKind, { bounds = USUAL_BOUNDS }: Rails): Verdict =>
  prefixLength(prefix, bound, bounds)

/** A person says himself from where; how wide his rule is, its target says. */
function ruleVerdicts(rule: Rule, rails: Rails, kind: 'rule' | 'order'): Verdict[] {
  const ends = endsOf(rule)
  const prefixes = [ends.target, ends.source].filter(prefix => prefix !== undefined)
  // How wide a rule about a target of ours is, the target says: a source only makes it narrower.
  const isOurs = ends.target !== undefined && rails.networks.covering(ends.target) !== undefined
  return [
    ruleWithin(ends, rails.networks),
    ...prefixes.flatMap(prefix => [
      defaultRoute(prefix),
      listed('management', prefix, rails.managementPrefixes),
      listed('whitelist', prefix, rails.whitelist),
      ...[safelisted(prefix, rails)].filter(verdict => verdict !== undefined),
      ...(prefix === ends.source && (isOurs || kind === 'order') ? [] : [lengthVerdict(prefix, kind, rails)]),
    ]),
    ruleShape(rule, rails.bounds ?? USUAL_BOUNDS),
    keepsBgp(rule, rails.routers ?? NO_ROUTERS),
  ]
}

const NO_ROUTERS = new PrefixSet()

/** The prefix of ours whose traffic an action touches; `undefined` of a script, or of what cannot be read. */
export function touchedBy(
  { action, rule: made }: Pick<Planned, 'action' | 'rule'>,
  networks: PrefixSet,
): Prefix | undefined {
  if (action.kind === 'script') return undefined
  if (action.kind !== 'filter') return parsePrefix(action.prefix)
  const parsed = made === undefined ? parseRule(action.rule) : undefined
  const rule = parsed?.kind === 'parsed' ? parsed.value : made
  if (rule === undefined) return undefined
  const { target, source } = endsOf(rule)
  return source !== undefined && target !== undefined && networks.covering(target) === undefined
    ? source
    : target
}
