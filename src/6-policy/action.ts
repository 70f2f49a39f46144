// What may be done against an attack: call a program, or have routers drop, filter or divert its traffic.

import type { CountermeasureName, Protector } from './countermeasure.ts'

/** Enforcers that speak BGP to routers. */
export const ANNOUNCERS = ['exabgp', 'gobgp'] as const
export type Announcer = (typeof ANNOUNCERS)[number]

/** A unicast route as a router learns it. */
export interface Route {
  /** Canonical text: `192.0.2.1/32`, `2001:db8::/48`. */
  readonly prefix: string
  /** Canonical address of the family of the prefix. */
  readonly nextHop: string
  /** `asn:value` (RFC 1997) or `asn:value:value` (RFC 8092), in the order of the configuration. */
  readonly communities: readonly string[]
}

/** Call the operator's program. */
export interface ScriptAction {
  readonly kind: 'script'
  readonly path: string
}

/**
 * Announce a prefix with communities that tell routers to drop its traffic (RFC 5635, RFC 7999).
 * Several enforcers may answer one attack, so the action names the one that is meant.
 */
export interface BlackholeAction extends Route {
  readonly kind: 'blackhole'
  readonly enforcer: Announcer
}

/** Announce a prefix, the attacked one or one around it, so that its traffic goes through a scrubber. */
export interface DivertAction extends Route {
  readonly kind: 'divert'
  readonly enforcer: Announcer
}

/** Announce a FlowSpec rule (RFC 8955, RFC 8956). */
export interface FilterAction {
  readonly kind: 'filter'
  readonly enforcer: Announcer
  /** Canonical text, as `printRule(canonical(rule))` gives it: what it matches, and what happens to that. */
  readonly rule: string
}

/** Switch a countermeasure of a protection profile on, for a target of it. */
export interface CountermeasureAction {
  readonly kind: 'countermeasure'
  readonly enforcer: Protector
  /** Id of the profile. */
  readonly profile: string
  readonly countermeasure: CountermeasureName
  /** For whom: a canonical prefix. */
  readonly prefix: string
  /** Of `filter`: distilled rules as canonical text. */
  readonly rules?: readonly string[] | undefined
}

export type RouteAction = BlackholeAction | DivertAction
export type Action = ScriptAction | RouteAction | FilterAction | CountermeasureAction

export type ActionKind = Action['kind']

/** The action in words: `call the script /usr/local/bin/notify`. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case 'script':
      return `call the script ${action.path}`
    case 'blackhole':
      return `announce ${routeText(action)}`
    case 'divert':
      return `divert ${routeText(action)}`
    case 'filter':
      return `announce by ${action.enforcer} the rule ${action.rule}`
    case 'countermeasure':
      return protectText(action)
  }
}

function routeText({ prefix, nextHop, communities, enforcer }: RouteAction): string {
  const marked = communities.length === 0 ? '' : ` and ${communities.join(' ')}`
  return `${prefix} by ${enforcer} with next hop ${nextHop}${marked}`
}

function protectText({
  countermeasure,
  profile,
  enforcer,
  prefix,
  rules = [],
}: CountermeasureAction): string {
  const which = rules.length === 0 ? '' : `, by the rules ${rules.join('; ')}`
  return `switch on ${countermeasure} of the protection profile ${profile} by ${enforcer} for ${prefix}${which}`
}
