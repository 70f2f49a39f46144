// The enforcers that speak BGP, as far as they are configured, from the moment when mitigations are armed.

import type { Enforcer } from '#7-mitigation/enforcer.ts'
import { METRICS } from '#8-enforcement/bgp/metrics.ts'
import { Exabgp } from '#8-enforcement/exabgp/driver.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { announcementsOf } from './config/announcements.ts'
import type { ResolvedConfig } from './config/config.ts'

/** Names of all that is configured to carry anything out. */
export const enforcersOf = (config: ResolvedConfig): string[] => [
  ...(config.enforcement.notifyScript.path === undefined ? [] : ['notify-script']),
  ...new Set(announcementsOf(config).map(({ enforcer }) => enforcer)),
]

type AnnouncingEnforcer = Enforcer & { readonly metrics: MetricSource }

/** Nobody is connected to and nothing is opened before that; from then on, also disarmed, what is held can be taken back. */
export class Announcers {
  readonly #config: ResolvedConfig
  readonly #log: Logger
  #enforcers: readonly AnnouncingEnforcer[] | undefined

  constructor(config: ResolvedConfig, log: Logger) {
    this.#config = config
    this.#log = log
  }

  /** Connects, the first time that it is called; then it says true. */
  connect(): boolean {
    if (this.#enforcers !== undefined) return false
    const { exabgp, gobgp } = this.#config.enforcement
    this.#enforcers = [
      ...(this.isConfigured('exabgp') && exabgp.pipe !== undefined
        ? [new Exabgp({ ...exabgp, pipe: exabgp.pipe }, this.#log)]
        : []),
      ...(this.isConfigured('gobgp') ? [new Gobgp(gobgp, this.#log)] : []),
    ]
    return true
  }

  isConfigured(name: 'exabgp' | 'gobgp'): boolean {
    return announcementsOf(this.#config).some(plan => plan.enforcer === name)
  }

  get enforcers(): readonly AnnouncingEnforcer[] {
    return this.#enforcers ?? []
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.enforcers.map(enforcer => enforcer.stop(deadlineMs)))
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, () => this.enforcers.flatMap(({ metrics }) => [...metrics()]))
  }
}
