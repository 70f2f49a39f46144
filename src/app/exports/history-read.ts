// Traffic as it was, read from ClickHouse by the settings in force.

import type { ClickhouseConfig } from '#export/clickhouse/config.ts'
import { ClickhouseHistory } from '#export/clickhouse/history.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { parseServerAddress } from '#lib/server-address.ts'

export class HistoryRead {
  readonly #log: Logger
  readonly #counts = { answered: 0, failed: 0 }
  #current: ClickhouseHistory | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /** `undefined`: it is off. */
  get current(): ClickhouseHistory | undefined {
    return this.#current
  }

  reconfigure(config: ClickhouseConfig): void {
    this.close()
    const server = config.history ? parseServerAddress(config.server) : undefined
    // Counts go on over all reloads.
    this.#current = server && new ClickhouseHistory(server, config, this.#log, this.#counts)
  }

  close(): void {
    this.#current?.close()
    this.#current = undefined
  }

  readonly metrics: MetricSource = () =>
    Object.entries(this.#counts).map(([outcome, value]) => ({
      name: 'floodwarden_clickhouse_reads_total',
      value,
      labels: { outcome },
    }))
}
