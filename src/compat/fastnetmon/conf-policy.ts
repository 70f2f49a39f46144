// The policy of a fastnetmon.conf (limits of the hosts) and of its hostgroups.

import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Place, Problem } from '#lib/schema/problem.ts'
import { type ConfLine, confProblem, quote } from './conf-lines.ts'
import type { ConfValues } from './conf-values.ts'
import { LIMIT_OPTIONS } from './option-table.ts'
import type { PlacedPrefix } from './prefix-list.ts'

/** Limits by native key; those of a protocol lie one level deeper. */
type Limits = Record<string, number | Record<string, number>>

export interface Thresholds {
  readonly incoming: Limits
  readonly outgoing: Limits
}

/** The limits that are switched on, the same for both directions; `keyPrefix` is empty or `hostgroup_`. */
export function readThresholds(values: ConfValues, keyPrefix: string): Thresholds {
  let limits: Limits = {}
  for (const { ban, threshold, limit } of LIMIT_OPTIONS) {
    if (!values.isOn(keyPrefix + ban)) continue
    const key = keyPrefix + threshold
    const value = values.number(key, { missing: 0, min: 0, max: 2 ** 31 - 1 })
    if (value > 0) {
      limits = withLimit(limits, limit, value)
      continue
    }
    const place = values.place(values.has(key) ? key : keyPrefix + ban)
    const found = values.has(key) ? '0' : 'not set'
    const message = `${keyPrefix}${ban} is on and ${key} is ${found}: the limit is left out`
    values.problems.push(confProblem('fastnetmon-zero-limit', 'warning', place, message))
  }
  // A direction that is not counted needs no limits.
  return {
    incoming: values.isOn('process_incoming_traffic', true) ? limits : {},
    outgoing: values.isOn('process_outgoing_traffic', true) ? limits : {},
  }
}

function withLimit(limits: Limits, [first, second]: readonly [string, string?], value: number): Limits {
  if (second === undefined) return { ...limits, [first]: value }
  const inner = limits[first]
  return { ...limits, [first]: { ...(typeof inner === 'object' ? inner : {}), [second]: value } }
}

export interface ConfHostgroup {
  readonly name: string
  readonly prefixes: readonly PlacedPrefix[]
  readonly enableBan: boolean
  readonly thresholds: Thresholds
}

const NAME = /^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$/

/** Reads the lines `hostgroup = name:prefix,prefix`; the policy of a group may stand before or after its line. */
export function readHostgroups(lines: readonly ConfLine[], values: ConfValues): ConfHostgroup[] {
  const groups = new Map<string, ConfHostgroup>()
  const taken = new PrefixSet()
  for (const { key, value, place } of lines) {
    if (key !== 'hostgroup') continue
    const report = (message: string) =>
      values.problems.push(confProblem('fastnetmon-hostgroup', 'warning', place, message))
    const [name = '', list, more] = value.split(':').map(part => part.trim())
    if (list === undefined || more !== undefined || !NAME.test(name)) {
      report(
        `expected name:prefix,prefix with IPv4 prefixes, found ${quote(value)}; the hostgroup is left out`,
      )
      continue
    }
    if (groups.has(name)) {
      report(`the hostgroup ${name} exists already; this one is left out`)
      continue
    }
    const prefixes = readGroupPrefixes(list, place, taken, report)
    if (prefixes.length === 0) {
      report(`the hostgroup ${name} has no prefix and is left out`)
      continue
    }
    const enableBan = values.isOn(`${name}_enable_ban`)
    groups.set(name, { name, prefixes, enableBan, thresholds: readThresholds(values, `${name}_`) })
  }
  return [...groups.values()]
}

function readGroupPrefixes(
  list: string,
  place: Place,
  taken: PrefixSet,
  report: (message: string) => void,
): PlacedPrefix[] {
  const prefixes: PlacedPrefix[] = []
  for (const text of list.split(',').map(part => part.trim())) {
    const prefix = parsePrefix(text)
    if (prefix === undefined) {
      report(`expected a prefix such as 192.0.2.0/24, found ${quote(text)}; it is left out`)
    } else if (taken.has(prefix)) {
      report(`${formatPrefix(prefix)} belongs to a hostgroup already, which keeps it`)
    } else {
      taken.add(prefix)
      prefixes.push({ text, place })
    }
  }
  return prefixes
}

/**
 * FastNetMon finds a hostgroup only by a host's longest listed network, and only if that is exactly a prefix of the
 * group. Here a group holds for every host inside it. Says where the two differ.
 */
export function compareHostgroupMatch(
  groups: readonly ConfHostgroup[],
  networks: readonly PlacedPrefix[],
): Problem[] {
  if (groups.length === 0) return []
  const listed = networks.map(({ text }) => parsePrefix(text)).filter(prefix => prefix !== undefined)
  const listedSet = new PrefixSet(listed)
  const ofGroups = new PrefixSet(
    groups.flatMap(group => group.prefixes.flatMap(({ text }) => parsePrefix(text) ?? [])),
  )
  const inside = firstInside(listed, ofGroups)
  return groups.flatMap(({ name, prefixes }) =>
    prefixes.flatMap(({ text, place }) => {
      const prefix = parsePrefix(text)
      const difference = prefix === undefined ? undefined : differenceOf(prefix, listedSet, inside)
      if (difference === undefined) return []
      const message = `hostgroup ${name}: ${difference}`
      return [confProblem('fastnetmon-hostgroup-match', 'notice', place, message)]
    }),
  )
}

/** For each prefix of a group the first listed network inside it that is no prefix of a group itself. */
function firstInside(listed: readonly Prefix[], ofGroups: PrefixSet): ReadonlyMap<string, Prefix> {
  const inside = new Map<string, Prefix>()
  for (const network of listed) {
    const group = ofGroups.has(network) ? undefined : ofGroups.covering(network)
    if (group !== undefined && !inside.has(formatPrefix(group))) inside.set(formatPrefix(group), network)
  }
  return inside
}

function differenceOf(
  prefix: Prefix,
  listed: PrefixSet,
  inside: ReadonlyMap<string, Prefix>,
): string | undefined {
  const text = formatPrefix(prefix)
  const around = listed.has(prefix) ? undefined : listed.covering(prefix)
  if (around !== undefined) {
    return `FastNetMon ignores ${text}, which is not itself in the networks list (only ${formatPrefix(around)}); here it holds`
  }
  const longer = inside.get(text)
  if (longer === undefined) return undefined
  return `in FastNetMon ${formatPrefix(longer)} inside ${text} has the general limits; here it has those of the group`
}
