// What a schema cannot see: settings that are each possible and together mean nothing.

import type { LimitsConfig, ThresholdsConfig } from '#4-detection/config.ts'
import { effectiveThresholds, lineage } from '#4-detection/inherited-limits.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import { checkAnnouncements } from './check-announcements.ts'
import { checkApi } from './check-api.ts'
import { checkPolicy } from './check-policy.ts'
import { checkProtection } from './check-protection.ts'
import { checkStore } from './check-store.ts'
import { checkTelemetry } from './check-telemetry.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'
import { get } from './validate.ts'

/** Problems of a configuration whose prefixes are already canonical. */
export function checkMeaning(config: ResolvedConfig, source: SettingsSource): Problem[] {
  return [
    ...checkHostgroups(config, source),
    ...checkWhitelist(config, source),
    ...checkLimits(config, config.detection.thresholds, ['detection', 'thresholds'], source),
    ...checkParents(config, source),
    ...checkGroupLimits(config, source),
    ...checkExempt(config, source),
    ...checkAnnouncements(config, source),
    ...checkPolicy(config, source),
    ...checkProtection(config, source),
    ...checkTelemetry(config, source),
    ...checkStore(config, source),
    ...checkApi(config, source),
  ]
}

function checkGroupLimits(config: ResolvedConfig, source: SettingsSource): Problem[] {
  const thresholds = effectiveThresholds(config.hostgroups, config.detection.thresholds)
  return Object.entries(config.hostgroups).flatMap(([name, { enableBan }]) => {
    const own = enableBan ? thresholds.get(name) : undefined
    return own === undefined ? [] : checkLimits(config, own, ['hostgroups', name, 'thresholds'], source)
  })
}

function checkParents(config: ResolvedConfig, source: SettingsSource): Problem[] {
  return Object.entries(config.hostgroups).flatMap(([name, { parent, inherit }]) => {
    if (parent === undefined) return []
    const path = ['hostgroups', name, 'parent']
    const report = (message: string) => [problemAt(source, 'config-hostgroup-parent', 'error', path, message)]
    if (!Object.hasOwn(config.hostgroups, parent)) return report(`there is no hostgroup ${parent}`)
    const oldest = lineage(name, config.hostgroups).at(-1) ?? name
    const above = config.hostgroups[oldest]?.parent
    if (above !== undefined) return report(`${name} is its own ancestor, by way of ${oldest}`)
    return inherit ? [] : report('a hostgroup with inherit: false takes nothing from a parent')
  })
}

/** Exempt addresses are remote ones: what covers a network of ours hides all of its traffic. */
function checkExempt(config: ResolvedConfig, source: SettingsSource): Problem[] {
  const exempt = new PrefixSet(prefixesOf(config.whitelistSources))
  return prefixesOf(config.networks).flatMap(network => {
    const cover = exempt.covering(network)
    if (cover === undefined) return []
    const message = `${formatPrefix(cover)} covers the watched network ${formatPrefix(network)}: none of its traffic is counted`
    const path = ['whitelistSources', config.whitelistSources.indexOf(formatPrefix(cover))]
    return [problemAt(source, 'config-exempt-covers', 'warning', path, message)]
  })
}

function checkHostgroups(config: ResolvedConfig, source: SettingsSource): Problem[] {
  if (Object.keys(config.hostgroups).length === 0) return []
  const watched = new PrefixSet(prefixesOf(config.networks))
  const owners = new Map<string, string>()
  const problems: Problem[] = []
  for (const [name, group] of Object.entries(config.hostgroups)) {
    for (const [at, prefix] of prefixesOf(group.networks).entries()) {
      const text = formatPrefix(prefix)
      const path = ['hostgroups', name, 'networks', at]
      const owner = owners.get(text)
      if (owner !== undefined && owner !== name) {
        const message = `${text} also belongs to the hostgroup ${owner}`
        problems.push(problemAt(source, 'config-hostgroup-twice', 'error', path, message))
      }
      owners.set(text, owner ?? name)
      if (!watched.overlaps(prefix)) {
        const message = `${text} can never match: it lies outside the networks`
        problems.push(problemAt(source, 'config-hostgroup-outside', 'warning', path, message))
      }
    }
  }
  return problems
}

function checkWhitelist(config: ResolvedConfig, source: SettingsSource): Problem[] {
  if (config.whitelist.length === 0) return []
  const whitelist = new PrefixSet(prefixesOf(config.whitelist))
  const problems: Problem[] = []
  if (prefixesOf(config.networks).every(network => whitelist.covering(network) !== undefined)) {
    const message = 'the whitelist covers all that is watched: nobody is ever banned'
    return [problemAt(source, 'config-whitelist-covers', 'warning', ['whitelist'], message)]
  }
  for (const network of prefixesOf(config.networks)) {
    const cover = whitelist.covering(network)
    // One address on the whitelist and in the networks is how a single host is spared; it needs no words.
    if (cover === undefined || network.length === (network.family === 4 ? 32 : 128)) continue
    const message = `${formatPrefix(cover)} covers the whole network ${formatPrefix(network)}: none of its hosts is ever banned`
    const path = ['whitelist', config.whitelist.indexOf(formatPrefix(cover))]
    problems.push(problemAt(source, 'config-whitelist-covers', 'warning', path, message))
  }
  return problems
}

function checkLimits(
  config: ResolvedConfig,
  thresholds: ThresholdsConfig,
  path: readonly string[],
  source: SettingsSource,
): Problem[] {
  const directions = ['incoming', 'outgoing'] as const
  const limited = directions.filter(direction => hasLimit(thresholds[direction]))
  if (limited.length === 0) {
    const message = 'there is no limit, so nothing here is ever an attack'
    return [problemAt(source, 'config-no-limit', 'warning', path, message)]
  }
  const problems: Problem[] = absurdLimits(thresholds, path, source)
  for (const direction of limited) {
    const report = (setting: string, at: readonly string[]) =>
      problems.push(
        problemAt(source, 'config-limit-without-counter', 'warning', at, `never crossed: ${setting} is off`),
      )
    const here = [...path, direction]
    // What is inherited is told where it is set.
    const isSetHere = (key: string) => get(source.settings, [...here, key]) !== undefined
    // A default limit of a direction that is switched off is nobody's mistake.
    if (!config.traffic[direction] && get(source.settings, here) !== undefined)
      report(`traffic.${direction}`, here)
    if (isSetHere('dropped') && config.telemetry.listen.length + config.telemetry.tcp.length === 0) {
      const message = 'never crossed: frames do not tell what a device has dropped, only flow records do'
      const at = [...here, 'dropped']
      problems.push(problemAt(source, 'config-limit-without-counter', 'warning', at, message))
    }
    if (config.traffic.flows === 'off' && isSetHere('flowsPerSecond')) {
      report('traffic.flows', [...here, 'flowsPerSecond'])
    }
  }
  return problems
}

/** A terabit or a billion packets per second towards one host: bits were meant as megabits, or a digit is too many. */
const MEGABITS_SANE = 1_000_000
const PACKETS_SANE = 1_000_000_000

/** Limits that no host can cross. In both directions alike they are told once. */
function absurdLimits(
  thresholds: ThresholdsConfig,
  path: readonly string[],
  source: SettingsSource,
): Problem[] {
  const found = new Map<string, Problem>()
  for (const direction of ['incoming', 'outgoing'] as const) {
    const { tcp, udp, icmp, syn, fragments, dropped, ...total } = thresholds[direction]
    for (const [name, part] of Object.entries({ total, tcp, udp, icmp, syn, fragments, dropped })) {
      for (const [key, value] of Object.entries(part ?? {})) {
        const isBits = key === 'megabitsPerSecond'
        if (typeof value !== 'number' || value < (isBits ? MEGABITS_SANE : PACKETS_SANE)) continue
        const at = [...path, direction, ...(name === 'total' ? [] : [name]), key]
        const meant = isBits ? `${value / 1e6} Tbit/s; the unit is Mbit/s` : 'more than any link carries'
        const problem = problemAt(source, 'config-limit-absurd', 'warning', at, `never crossed: ${meant}`)
        const place = problem.line === 0 ? at.join('.') : `${problem.line}:${problem.column}`
        if (!found.has(place)) found.set(place, problem)
      }
    }
  }
  return [...found.values()]
}

const hasLimit = (limits: LimitsConfig): boolean =>
  Object.values(limits).some(limit =>
    typeof limit === 'object' ? Object.values(limit).some(inner => inner !== undefined) : limit !== undefined,
  )

const prefixesOf = (texts: readonly string[]): Prefix[] =>
  texts.map(parsePrefix).filter(prefix => prefix !== undefined)
