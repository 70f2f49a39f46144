// Inventory, playbooks and safelist: what would be refused or pointless is told with its line, before the first attack.

import { checkInventory } from '#6-policy/check-inventory.ts'
import { checkPlaybooks } from '#6-policy/check-playbooks.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { formatPath, type Problem, type SettingsSource } from '#lib/schema/problem.ts'
import { configuredProfiles, profileMeans } from '../protection/configured-profiles.ts'
import { announcementsOf } from './announcements.ts'
import { carriersOf } from './carriers.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'

export function checkPolicy(config: ResolvedConfig, source: SettingsSource): Problem[] {
  return [
    ...inventoryProblems(config, source),
    ...playbookProblems(config, source),
    ...safelistProblems(config, source),
  ]
}

const inventoryProblems = ({ inventory }: ResolvedConfig, source: SettingsSource): Problem[] =>
  checkInventory(inventory).problems.map(({ path, ...problem }) => {
    const place = ['inventory', ...path]
    return { ...problem, ...source.locate(place, 'value'), path: formatPath(place) }
  })

function playbookProblems(config: ResolvedConfig, source: SettingsSource): Problem[] {
  const { policy, enforcement, mitigation, inventory, hostgroups, networks, whitelist } = config
  const untouchable = new PrefixSet(
    prefixesOf([...whitelist, ...policy.managementPrefixes, ...policy.safelist.map(({ prefix }) => prefix)]),
  )
  const problems = checkPlaybooks(config.playbooks, {
    carriers: carriersOf(config),
    announcements: announcementsOf(config),
    protection: profileMeans(configuredProfiles(config)),
    scriptPath: enforcement.notifyScript.path,
    scriptTakesPrefixes: enforcement.notifyScript.prefixes,
    bounds: policy.bounds,
    flowspecRouter: policy.flowspecRouter,
    maximumSeconds: mitigation.maximumSeconds,
    hostgroups: Object.keys(hostgroups),
    networks: prefixesOf(networks),
    ...{ inventory, untouchable },
  })
  return problems.map(({ severity, path, message, hint }) =>
    problemAt(source, 'config-playbook', severity, ['playbooks', ...path], message, hint),
  )
}

/** All of a network on the safelist is a network that nothing is ever done for. */
function safelistProblems({ policy, networks }: ResolvedConfig, source: SettingsSource): Problem[] {
  const ours = prefixesOf(networks)
  return policy.safelist.flatMap(({ prefix: text }, at) => {
    const listed = parsePrefix(text)
    if (listed === undefined) return []
    const around = new PrefixSet([listed])
    const covered = ours.find(
      network => network.length < (network.family === 4 ? 32 : 128) && around.covering(network) !== undefined,
    )
    if (covered === undefined) return []
    const message = `${text} covers the whole network ${formatPrefix(covered)}: nothing is ever done for its hosts`
    return [problemAt(source, 'config-safelist', 'warning', ['policy', 'safelist', at, 'prefix'], message)]
  })
}

const prefixesOf = (texts: readonly string[]): Prefix[] => texts.flatMap(text => parsePrefix(text) ?? [])
