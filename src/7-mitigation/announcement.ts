// What is told to routers for an action: a unicast route or a FlowSpec rule, with a key to find it by and its attributes
// as text. Two announcements of one key replace one another; two that say the same besides are the same.

import type { Action, Route } from '#6-policy/action.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { floatBelow } from '#lib/flowspec/float32.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printFlow, printRule } from '#lib/flowspec/print.ts'
import type { Action as FlowAction, Rule } from '#lib/flowspec/rule.ts'

interface Said {
  /** What is matched: the prefix of a route, the canonical text of what a rule matches. */
  readonly key: string
  /** Its attributes, in canonical text. */
  readonly says: string
}

export interface RouteAnnouncement extends Said {
  readonly kind: 'route'
  readonly route: Route
}

export interface FlowAnnouncement extends Said {
  readonly kind: 'flow'
  /** Canonical, with rates as they can be sent. */
  readonly rule: Rule
}

export type Announcement = RouteAnnouncement | FlowAnnouncement

/** What has to be told to a router. */
export interface Change {
  readonly kind: 'announce' | 'withdraw'
  readonly announcement: Announcement
}

/** Impossible: the action is none for a router, or its rule cannot be read. */
export type Announced = Announcement | { readonly kind: 'impossible'; readonly error: string }

export function announcementOf(action: Action): Announced {
  switch (action.kind) {
    case 'script':
      return { kind: 'impossible', error: 'a script is nothing to announce' }
    case 'countermeasure':
      return { kind: 'impossible', error: 'a countermeasure is nothing to announce' }
    case 'filter': {
      const parsed = parseRule(action.rule)
      if (parsed.kind === 'parsed') return flowAnnouncement(parsed.value)
      return { kind: 'impossible', error: `${parsed.what} at column ${parsed.column}: ${parsed.advice}` }
    }
    default: {
      const { prefix, nextHop, communities } = action
      return routeAnnouncement({ prefix, nextHop, communities })
    }
  }
}

/** The order of communities says nothing. */
export function routeAnnouncement(route: Route): RouteAnnouncement {
  const communities = [...new Set(route.communities)].sort()
  const says = ['next-hop', route.nextHop, ...(communities.length > 0 ? ['communities'] : []), ...communities]
  return { kind: 'route', key: route.prefix, says: says.join(' '), route }
}

export function flowAnnouncement(rule: Rule): FlowAnnouncement {
  const sent = canonical({ ...rule, actions: rule.actions.map(asSent) })
  const key = printFlow(sent)
  return {
    kind: 'flow',
    key,
    says: printRule(sent)
      .slice(key.length)
      .replace(/^ then /, ''),
    rule: sent,
  }
}

/** A rate goes out as a float of 32 bits, and comes back as one. */
function asSent(action: FlowAction): FlowAction {
  switch (action.kind) {
    case 'rate-bytes':
      return { ...action, bytesPerSecond: floatBelow(action.bytesPerSecond) }
    case 'rate-packets':
      return { ...action, packetsPerSecond: floatBelow(action.packetsPerSecond) }
    default:
      return action
  }
}
