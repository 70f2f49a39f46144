// The enforcers that speak BGP, as far as they are configured, from the moment when mitigations are armed.

import type { Announcer } from '#6-policy/action.ts'
import type { Enforcer } from '#7-mitigation/enforcer.ts'
import { METRICS } from '#8-enforcement/bgp/metrics.ts'
import { Exabgp } from '#8-enforcement/exabgp/driver.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { announcersOf, protectorsOf } from './config/carriers.ts'
import type { ResolvedConfig } from './config/config.ts'

/** Names of all that is configured to carry anything out. */
export const enforcersOf = (config: ResolvedConfig): string[] => [
  ...(config.enforcement.notifyScript.path === undefined ? [] : ['notify-script']),
  ...announcersOf(config),
  ...protectorsOf(config),
]

type AnnouncingEnforcer = Enforcer & { readonly metrics: MetricSource }

/** Nobody is connected to and nothing is opened before that; from then on, also disarmed, what is held can be taken back. */
export class Announcers {
  readonly #log: Logger
  readonly #byName = new Map<Announcer, AnnouncingEnforcer>()

  constructor(log: Logger) {
    this.#log = log
  }

  /**
   * Connects to those that the configuration needs, or that are named, and that are not connected to yet; true when there
   * was one.
   */
  connect(config: ResolvedConfig, names: Iterable<Announcer> = announcersOf(config)): boolean {
    const before = this.#byName.size
    const { exabgp, gobgp } = config.enforcement
    for (const name of names) {
      if (this.#byName.has(name)) continue
      if (name === 'gobgp') this.#byName.set(name, new Gobgp(gobgp, this.#log))
      else if (exabgp.pipe !== undefined)
        this.#byName.set(name, new Exabgp({ ...exabgp, pipe: exabgp.pipe }, this.#log))
    }
    return this.#byName.size > before
  }

  get enforcers(): readonly AnnouncingEnforcer[] {
    return [...this.#byName.values()]
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.enforcers.map(enforcer => enforcer.stop(deadlineMs)))
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, () => this.enforcers.flatMap(({ metrics }) => [...metrics()]))
  }
}
