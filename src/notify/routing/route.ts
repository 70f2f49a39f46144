// Which destinations a notice goes to.

import { SEVERITIES } from '#6-policy/severity.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { Notice } from '../notice/notice.ts'
import type { RouteConfig } from './routes-config.ts'

/** Names of destinations, each once, in the order of the routes. Without routes all of them. */
export function destinationsFor(
  notice: Notice,
  routes: readonly RouteConfig[],
  all: readonly string[],
): readonly string[] {
  if (routes.length === 0) return all
  const found = new Set<string>()
  for (const route of routes) {
    if (!fits(notice, route)) continue
    for (const name of route.to) found.add(name)
    if (!route.continue) break
  }
  return [...found].filter(name => all.includes(name))
}

/** Of several attacks in one notice one that fits is enough, so that nobody misses what is his. */
export function fits(notice: Notice, route: RouteConfig): boolean {
  const { severity, customers, networks, hostgroups, vectors, directions, events } = route
  const isOne = (wanted: readonly string[] | undefined, values: readonly (string | undefined)[]) =>
    wanted === undefined || values.some(value => value !== undefined && wanted.includes(value))
  return (
    (severity === undefined || SEVERITIES.indexOf(notice.severity) >= SEVERITIES.indexOf(severity)) &&
    isOne(customers, [notice.customer]) &&
    isOne(hostgroups, notice.hostgroups) &&
    isOne(directions, [notice.direction]) &&
    isOne(events, [notice.kind]) &&
    (vectors === undefined || notice.vectors.some(vector => vectors.some(name => isVector(name, vector)))) &&
    (networks === undefined || isWithin(notice, networks))
  )
}

const isVector = (wanted: string, vector: string): boolean =>
  wanted.endsWith('*') ? vector.startsWith(wanted.slice(0, -1)) : wanted === vector

function isWithin({ listed }: Notice, networks: readonly string[]): boolean {
  const prefixes = networks.flatMap(text => parsePrefix(text) ?? [])
  return listed.some(({ target }) => {
    const inner = parsePrefix(target)
    return inner !== undefined && prefixes.some(prefix => contains(prefix, inner))
  })
}

/** A route in words: `severity high and more, customers acme: to pager, and on`. */
export function routeText({ to, continue: goesOn, severity, ...lists }: RouteConfig): string {
  const parts = [
    ...(severity === undefined ? [] : [`severity ${severity}${severity === 'critical' ? '' : ' and more'}`]),
    ...Object.entries(lists).flatMap(([name, values]) =>
      values === undefined ? [] : [`${name} ${values.join(' or ')}`],
    ),
  ]
  const whom = to.length === 0 ? 'to nobody' : `to ${to.join(' and ')}`
  return `${parts.join(', ') || 'everything'}: ${whom}${goesOn ? ', and on' : ''}`
}
