// The hostgroups of a fastnetmon.conf: who belongs to them, what they say, and where FastNetMon would see it otherwise.

import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Place, Problem } from '#lib/schema/problem.ts'
import { type ConfLine, confProblem, quote } from './conf-lines.ts'
import { readGroupThresholds, type Thresholds } from './conf-policy.ts'
import type { ConfValues } from './conf-values.ts'
import { LIMIT_OPTIONS } from './option-table.ts'
import type { PlacedPrefix } from './prefix-list.ts'

export interface ConfHostgroup {
  readonly name: string
  readonly place: Place
  readonly prefixes: readonly PlacedPrefix[]
  readonly enableBan: boolean
  readonly thresholds: Thresholds
}

const NAME = /^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$/

/**
 * Reads the lines `hostgroup = name:prefix,prefix`, IPv6 included: the first colon parts the name from the prefixes. The
 * policy of a group may stand before or after its line.
 */
export function readHostgroups(lines: readonly ConfLine[], values: ConfValues): ConfHostgroup[] {
  const groups = new Map<string, ConfHostgroup>()
  const taken = new PrefixSet()
  for (const { key, value, place } of lines) {
    if (key !== 'hostgroup') continue
    const report = (message: string) =>
      values.problems.push(confProblem('fastnetmon-hostgroup', 'warning', place, message))
    const colon = value.indexOf(':')
    const name = value.slice(0, Math.max(0, colon)).trim()
    const list = value.slice(colon + 1)
    if (!NAME.test(name)) {
      report(`expected name:prefix,prefix, found ${quote(value)}; the hostgroup is left out`)
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
    const enableBan = values.isOn(`${name}_enable_ban`, true)
    const thresholds = readGroupThresholds(values, name)
    groups.set(name, { name, place, prefixes, enableBan, thresholds })
  }
  return [...groups.values()]
}

/**
 * In FastNetMon a group has nothing that it does not set itself: no ban, no limit. Here it has the general values there.
 * One problem for each group that leaves something out, a warning where FastNetMon would judge none of its hosts.
 */
export function compareInheritance(groups: readonly ConfHostgroup[], values: ConfValues): Problem[] {
  return groups.flatMap(({ name, place }) => {
    const missing = (key: string) => !values.has(`${name}_${key}`)
    const banned = values.isOn('enable_ban') && missing('enable_ban')
    const limits = LIMIT_OPTIONS.filter(({ ban, threshold }) => {
      const isOn = values.isOn(values.nearestKey(`${name}_`, ban))
      return isOn && (missing(ban) || missing(threshold))
    }).map(({ ban, threshold }) => (missing(ban) ? ban : threshold))
    if (!banned && limits.length === 0) return []
    const keys = [...(banned ? ['enable_ban'] : []), ...limits]
    const there = banned ? 'FastNetMon would ban none of its hosts' : 'FastNetMon would not apply them'
    const message = `hostgroup ${name}: ${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} not set, so the general values hold; ${there}`
    const hint = banned ? `set ${name}_enable_ban = off if its hosts are never to be banned` : undefined
    return [confProblem('fastnetmon-hostgroup-inherits', banned ? 'warning' : 'notice', place, message, hint)]
  })
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
  if (prefix.family === 6) return `FastNetMon ignores ${text}: it has no IPv6 hostgroups; here it holds`
  const around = listed.has(prefix) ? undefined : listed.covering(prefix)
  if (around !== undefined) {
    return `FastNetMon ignores ${text}, which is not itself in the networks list (only ${formatPrefix(around)}); here it holds`
  }
  const longer = inside.get(text)
  if (longer === undefined) return undefined
  return `in FastNetMon ${formatPrefix(longer)} inside ${text} has the general limits; here it has those of the group`
}
