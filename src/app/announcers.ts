// The enforcers that speak BGP, as far as they are configured and armed.

import type { Enforcer } from '#7-mitigation/enforcer.ts'
import { METRICS } from '#8-enforcement/bgp/metrics.ts'
import { Exabgp } from '#8-enforcement/exabgp/driver.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { announcementsOf } from './config/announcements.ts'
import type { ResolvedConfig } from './config/config.ts'

/** Nobody is connected to and nothing is opened unless mitigations are armed. */
export class Announcers {
  readonly enforcers: readonly (Enforcer & { readonly metrics: MetricSource })[]

  constructor(config: ResolvedConfig, log: Logger) {
    const { exabgp, gobgp } = config.enforcement
    const meant = new Set(config.mitigation.armed ? announcementsOf(config).map(plan => plan.enforcer) : [])
    this.enforcers = [
      ...(meant.has('exabgp') && exabgp.pipe !== undefined
        ? [new Exabgp({ ...exabgp, pipe: exabgp.pipe }, log)]
        : []),
      ...(meant.has('gobgp') ? [new Gobgp(gobgp, log)] : []),
    ]
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.enforcers.map(enforcer => enforcer.stop(deadlineMs)))
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, () => this.enforcers.flatMap(({ metrics }) => [...metrics()]))
  }
}
