// What policy decides by, from the configuration: prefixes, caps, and the means to act.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { Attack, Reported } from '#4-detection/attack.ts'
import type { PolicyConfig } from '#6-policy/config.ts'
import type { Correlation } from '#6-policy/correlate.ts'
import type { DecisionContext } from '#6-policy/decide.ts'
import type { RailLists, RailPrefixes, Rails } from '#6-policy/guardrail.ts'
import { buildInventory, type Inventory } from '#6-policy/inventory.ts'
import type { InventoryConfig } from '#6-policy/inventory-config.ts'
import { playbookOfOrder } from '#6-policy/order-playbook.ts'
import { compilePlaybooks } from '#6-policy/playbook.ts'
import type { SafelistEntry } from '#6-policy/safelist.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { assert } from '#lib/assert.ts'
import type { DeskSettings } from './action-desk.ts'
import { announcementsOf } from './config/announcements.ts'
import { carriersOf } from './config/carriers.ts'
import type { ResolvedConfig } from './config/config.ts'
import { configuredProfiles, profileMeans } from './protection/configured-profiles.ts'

export interface DeskContext extends Omit<DecisionContext, 'rails'>, RailLists {
  readonly policy: Pick<PolicyConfig, 'bansMax' | 'bansPerMinute'> &
    Partial<Pick<PolicyConfig, 'bounds' | 'quotas'>>
  /** Whether rules are sought in the packets of what we find. Missing: they are not. */
  readonly isDistilling?: boolean
  /** What the inventory is made from: a look-up table does not show whether it has changed. */
  readonly inventorySettings?: InventoryConfig
}

/** All that the desk goes by, armed or not as it is said here; `added` is safelisted beside what the configuration says. */
export function deskSettingsOf(
  config: ResolvedConfig,
  armed: boolean,
  added: readonly SafelistEntry[] = [],
): DeskSettings {
  const { maximumSeconds, holdDownSeconds } = config.mitigation
  const safelist = [...config.policy.safelist, ...added]
  return { context: { ...deskContextOf(config), armed, safelist }, maximumSeconds, holdDownSeconds }
}

export function deskContextOf(config: ResolvedConfig): DeskContext {
  const { path, prefixes } = config.enforcement.notifyScript
  return {
    networks: prefixesOf(config.networks),
    whitelist: prefixesOf(config.whitelist),
    managementPrefixes: prefixesOf(config.policy.managementPrefixes),
    safelist: config.policy.safelist,
    routers: prefixesOf(config.policy.routers),
    policy: { ...config.policy, bounds: boundsOf(config) },
    playbooks: compilePlaybooks(config.playbooks),
    ...(config.inventory.customers.length === 0 ? {} : { inventory: inventoryOf(config.inventory) }),
    inventorySettings: config.inventory,
    enforcers: carriersOf(config),
    protection: profileMeans(configuredProfiles(config)),
    ...(config.policy.flowspecRouter && { flowspecRouter: config.policy.flowspecRouter }),
    correlation: correlationOf(config),
    isDistilling: config.evidence.distill.enabled,
    armed: config.mitigation.armed,
    scriptPath: path,
    scriptTakesPrefixes: prefixes,
    announcements: announcementsOf(config),
  }
}

/** What no action may cross at this moment, by what the ledger holds. */
export function railsOf(
  { policy }: DeskContext,
  prefixes: RailPrefixes,
  store: Pick<MitigationStore, 'targets' | 'bansWithinMinute' | 'counts'>,
  nowMs: number,
): Rails {
  const { bansMax, bansPerMinute, bounds, quotas } = policy
  return {
    ...prefixes,
    ...{
      targets: store.targets,
      bansWithinMinute: store.bansWithinMinute(nowMs),
      counts: store.counts(nowMs),
    },
    ...{ bansMax, bansPerMinute, ...(bounds && { bounds }), ...(quotas && { quotas }), nowMs },
  }
}

/** What a report or an order adds to what policy decides by. */
export function saidBy({ source, ports, order }: Reported, { origin }: Attack): Partial<DecisionContext> {
  return {
    ...(origin === 'event' ? { source } : {}),
    ...(ports.length === 0 ? {} : { floodPorts: ports }),
    ...(order === undefined ? {} : { playbooks: playbookOfOrder(order) }),
  }
}

/** No step lasts longer than a mitigation may live. */
function boundsOf({ policy: { bounds }, mitigation }: ResolvedConfig): ResolvedConfig['policy']['bounds'] {
  const maximum = Math.min(bounds.ttlSeconds.maximum, mitigation.maximumSeconds)
  return { ...bounds, ttlSeconds: { ...bounds.ttlSeconds, maximum } }
}

function correlationOf({ policy: { correlation } }: ResolvedConfig): Correlation {
  const { windowSeconds, weights, usualWeight } = correlation
  return { windowMs: windowSeconds * 1000, weights: new Map(Object.entries(weights)), usualWeight }
}

/** What makes no sense was refused when the configuration was read. */
function inventoryOf(settings: InventoryConfig): Inventory {
  const built = buildInventory(settings)
  assert(built.kind === 'ok', 'the inventory of a configuration in force makes sense')
  return built.inventory
}
