// Which limits apply to which host: decided once, when the host appears.

import { HostgroupTable, prefixesOf } from '#3-traffic/hostgroup.ts'
import { NetworkTable } from '#3-traffic/network-table.ts'
import type { Address } from '#lib/ip/address.ts'
import type { DetectionConfig, HostgroupConfig } from './config.ts'
import { effectiveThresholds } from './inherited-limits.ts'
import { compileLimits, type LimitSet } from './limit.ts'

export interface MembershipConfig {
  readonly detection: DetectionConfig
  readonly hostgroups: Readonly<Record<string, HostgroupConfig>>
  readonly whitelist: readonly string[]
}

export class Membership {
  /** As they were configured. */
  readonly hostgroups: Readonly<Record<string, HostgroupConfig>>
  readonly #global: LimitSet
  readonly #groups = new Map<string, LimitSet | undefined>()
  readonly #table: HostgroupTable
  readonly #whitelist: NetworkTable<true>
  readonly #families: Readonly<Record<4 | 6, boolean>>

  constructor({ detection, hostgroups, whitelist }: MembershipConfig) {
    this.hostgroups = hostgroups
    this.#global = compileLimits('global', detection.thresholds)
    const thresholds = effectiveThresholds(hostgroups, detection.thresholds)
    for (const [name, group] of Object.entries(hostgroups)) {
      const own = group.enableBan ? thresholds.get(name) : undefined
      this.#groups.set(name, own && compileLimits(name, own))
    }
    this.#table = new HostgroupTable(hostgroups)
    this.#whitelist = new NetworkTable(prefixesOf(whitelist).map(prefix => [prefix, true] as const))
    this.#families = { 4: detection.enableIpv4, 6: detection.enableIpv6 }
  }

  /** Limits of a host; `undefined` when it is not judged: whitelisted, of a family or group that is switched off. */
  limitsOf(address: Address): LimitSet | undefined {
    if (!this.#families[address.family] || this.isWhitelisted(address)) return undefined
    const group = this.#table.groupOf(address)
    return group === undefined ? this.#global : this.#groups.get(group)
  }

  isWhitelisted(address: Address): boolean {
    return this.#whitelist.longest(address) !== undefined
  }

  hostgroupOf(address: Address): string {
    return this.#table.groupOf(address) ?? 'global'
  }

  /** All sets of limits there are. */
  get sets(): readonly LimitSet[] {
    return [this.#global, ...this.#groups.values()].filter(set => set !== undefined)
  }

  /** Whether any limit is one of flows, which are judged once per window. */
  get judgesFlows(): boolean {
    return this.sets.some(set => set.limits.some(limit => limit.unit === 'flows'))
  }
}
