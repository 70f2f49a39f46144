// Prefixes in canonical text, `own` replaced by addresses, and what is odd about the lists they stand in.

import { bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, hasHostBits, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Problem, SettingPath, SettingsSource } from '#lib/schema/problem.ts'
import type { Config, ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'

export interface ResolvedNetworks {
  readonly config: ResolvedConfig
  readonly problems: readonly Problem[]
}

/** `ownAddresses` gives the addresses of this machine's interfaces without loopback and link-local ones. */
export function resolveNetworks(
  config: Config,
  source: SettingsSource,
  ownAddresses: () => readonly string[],
): ResolvedNetworks {
  const problems: Problem[] = []
  const canonical = (texts: readonly string[], path: SettingPath): string[] =>
    texts.map((text, at) => {
      const prefix = parsePrefix(text)
      if (prefix === undefined) return text
      problems.push(...oddPrefix(text, prefix, [...path, at], source))
      return formatPrefix(prefix)
    })
  const written = config.networks === 'own' ? ['own'] : config.networks
  const own = written.includes('own') ? ownAddresses() : []
  const networks = canonical(written, ['networks']).flatMap(text =>
    text === 'own' ? own.map(canonicalPrefix) : [text],
  )
  if (networks.length === 0) {
    const message = 'this machine has no address besides loopback and link-local ones: nothing is watched'
    problems.push(problemAt(source, 'config-no-own-address', 'warning', ['networks'], message))
  }
  const hostgroups = Object.entries(config.hostgroups).map(([name, group]) => {
    return [
      name,
      { ...group, networks: canonical(group.networks, ['hostgroups', name, 'networks']) },
    ] as const
  })
  const whitelistRules = config.whitelistRules.map(rule => {
    const ends = (['source_prefix', 'destination_prefix'] as const).flatMap(key => {
      const text = rule[key]
      return text === undefined ? [] : [[key, canonicalPrefix(text)] as const]
    })
    return { ...rule, ...Object.fromEntries(ends) }
  })
  const managementPrefixes = canonical(config.policy.managementPrefixes, ['policy', 'managementPrefixes'])
  const resolved = {
    ...config,
    networks: [...new Set(networks)],
    whitelist: canonical(config.whitelist, ['whitelist']),
    whitelistSources: canonical(config.whitelistSources, ['whitelistSources']),
    whitelistRules,
    hostgroups: Object.fromEntries(hostgroups),
    policy: {
      ...config.policy,
      managementPrefixes,
      routers: canonical(config.policy.routers, ['policy', 'routers']),
      safelist: config.policy.safelist.map((entry, at) => ({
        ...entry,
        prefix: canonicalOne(entry.prefix, ['policy', 'safelist', at, 'prefix'], source, problems),
      })),
    },
  }
  return { config: resolved, problems }
}

function canonicalOne(text: string, path: SettingPath, source: SettingsSource, problems: Problem[]): string {
  const prefix = parsePrefix(text)
  if (prefix !== undefined) problems.push(...oddPrefix(text, prefix, path, source))
  return canonicalPrefix(text)
}

function canonicalPrefix(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatPrefix(prefix)
}

function oddPrefix(text: string, prefix: Prefix, path: SettingPath, source: SettingsSource): Problem[] {
  if (prefix.length === 0) {
    return [
      problemAt(
        source,
        'config-default-route',
        'warning',
        path,
        `${formatPrefix(prefix)} holds every address`,
      ),
    ]
  }
  if (prefix.length === bitsOf(prefix.family) || !hasHostBits(text)) return []
  const message = `${text} has host bits set; used as ${formatPrefix(prefix)}`
  return [problemAt(source, 'config-host-bits', 'warning', path, message)]
}
