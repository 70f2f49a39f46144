// What a schema cannot see: settings that are each possible and together mean nothing.

import type { LimitsConfig, ThresholdsConfig } from '#4-detection/config.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'
import { get } from './validate.ts'

/** Problems of a configuration whose prefixes are already canonical. */
export function checkMeaning(config: ResolvedConfig, source: SettingsSource): Problem[] {
  return [
    ...checkHostgroups(config, source),
    ...checkWhitelist(config, source),
    ...checkLimits(config, config.detection.thresholds, ['detection', 'thresholds'], source),
    ...Object.entries(config.hostgroups).flatMap(([name, group]) =>
      group.enableBan
        ? checkLimits(config, group.thresholds, ['hostgroups', name, 'thresholds'], source)
        : [],
    ),
  ]
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
  const problems: Problem[] = []
  for (const direction of limited) {
    const report = (setting: string, at: readonly string[]) =>
      problems.push(
        problemAt(source, 'config-limit-without-counter', 'warning', at, `never crossed: ${setting} is off`),
      )
    const here = [...path, direction]
    // A default limit of a direction that is switched off is nobody's mistake.
    if (!config.traffic[direction] && get(source.settings, here) !== undefined)
      report(`traffic.${direction}`, here)
    if (config.traffic.flows === 'off' && thresholds[direction].flowsPerSecond !== undefined) {
      report('traffic.flows', [...here, 'flowsPerSecond'])
    }
  }
  return problems
}

const hasLimit = (limits: LimitsConfig): boolean =>
  Object.values(limits).some(limit =>
    typeof limit === 'object' ? Object.values(limit).some(inner => inner !== undefined) : limit !== undefined,
  )

const prefixesOf = (texts: readonly string[]): Prefix[] =>
  texts.map(parsePrefix).filter(prefix => prefix !== undefined)
