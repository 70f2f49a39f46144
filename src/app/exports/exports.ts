// Numbers and attacks for other systems: what is pushed to servers, attacks for Redis, and speeds for Prometheus.

import { isDeepStrictEqual } from 'node:util'
import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import type { ClickhouseHistory } from '#export/clickhouse/history.ts'
import { METRICS as READ_METRICS } from '#export/clickhouse/metrics.ts'
import { METRICS as PUSH_METRICS } from '#export/push/metrics.ts'
import { AttackKeys, type LeftKeys } from '#export/redis/attack-keys.ts'
import { METRICS as REDIS_METRICS } from '#export/redis/metrics.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricFamily, MetricRegistry } from '#lib/metrics/registry.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import type { AttackWitness } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { NetworkRows } from '../engine-worker/network-rows.ts'
import { Succession } from '../reload/succession.ts'
import { scriptOptionsOf } from '../script-options.ts'
import type { Sides } from '../traffic-view.ts'
import { HistoryRead } from './history-read.ts'
import { METRICS } from './metrics.ts'
import { type PushServer, pushServers } from './push-servers.ts'
import type { Pushing } from './pushing.ts'
import { hostGauges, networkGauges } from './speed-gauges.ts'
import type { SnapshotSource } from './traffic-snapshot.ts'

interface Pushed {
  readonly server: PushServer
  readonly pushing: Succession<Pushing>
}

export class Exports implements AttackWitness {
  readonly #source: SnapshotSource
  readonly #log: Logger
  readonly #influxdbWrites = { writes: 0, failed: 0 }
  readonly #servers: readonly Pushed[]
  readonly #redis: Succession<AttackKeys>
  readonly #history: HistoryRead
  #config: ResolvedConfig
  #networks: NetworkRows | undefined
  #busiest: Sides | undefined
  #registry: MetricRegistry | undefined

  constructor(config: ResolvedConfig, source: SnapshotSource, log: Logger) {
    this.#source = source
    this.#log = log
    this.#config = config
    this.#redis = new Succession(this.#attackKeys(config))
    this.#history = new HistoryRead(log)
    this.#history.reconfigure(config.export.clickhouse)
    const parts = { source, log, influxdbWrites: this.#influxdbWrites, families: () => this.#families() }
    this.#servers = pushServers(parts).map(server => ({
      server,
      pushing: new Succession<Pushing>(undefined),
    }))
  }

  /** Call it when the engine answers. */
  start(): void {
    for (const { server, pushing } of this.#servers)
      pushing.replace(server.begin(this.#config), Promise.resolve())
  }

  /** Goes on by other settings: what they concern is replaced, what waits for Redis is written by the new ones. */
  reconfigure(config: ResolvedConfig): void {
    const before = this.#config
    this.#config = config
    const isOther = (of: (config: ResolvedConfig) => unknown) => !isDeepStrictEqual(of(before), of(config))
    for (const { server, pushing } of this.#servers) {
      if (!isOther(server.settings)) continue
      const ended = pushing.current?.leave() ?? Promise.resolve()
      pushing.replace(server.begin(config), ended)
    }
    if (isOther(({ export: { clickhouse } }) => clickhouse))
      this.#history.reconfigure(config.export.clickhouse)
    if (!isOther(redisOf)) return
    const left = this.#redis.current?.leave()
    this.#redis.replace(this.#attackKeys(config, left), left?.ended ?? Promise.resolve())
  }

  #attackKeys(config: ResolvedConfig, left?: LeftKeys): AttackKeys | undefined {
    const server = parseServerAddress(config.export.redis.server)
    return server && new AttackKeys({ server, ...redisOf(config), left, log: this.#log })
  }

  /** Pushes are given up; what waits for Redis is written, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    this.#history.close()
    const pushing = this.#servers.map(server => server.pushing.stop(deadlineMs))
    await Promise.all([...pushing, this.#redis.stop(deadlineMs)])
  }

  /** Brings the speeds of networks and of the busiest hosts up to date; those at hand stay when the engine does not answer. */
  async refresh(): Promise<void> {
    const { topHosts: limit, topHostsBy: sort } = this.#config.metrics
    if (limit === 0) this.#busiest = undefined
    await Promise.all([
      this.#source.ask('networks', {}, networks => this.#keep(networks)).catch(() => {}),
      limit > 0 &&
        this.#source
          .ask('traffic', { sort, limit, family: undefined }, sides => {
            this.#busiest = sides
          })
          .catch(() => {}),
    ])
  }

  #keep(networks: NetworkRows): void {
    this.#networks = networks
  }

  async #families(): Promise<readonly MetricFamily[]> {
    await Promise.all([this.refresh(), this.#source.refresh()])
    return this.#registry?.read() ?? []
  }

  get influxdbWrites(): FastnetmonNumbers['influxdb'] {
    return this.#influxdbWrites
  }

  /** Where traffic as it was is known too. */
  get history(): ClickhouseHistory | undefined {
    return this.#history.current
  }

  addMetrics(registry: MetricRegistry): void {
    this.#registry = registry
    registry.add(PUSH_METRICS, () => this.#servers.flatMap(({ pushing }) => [...pushing.metrics()]))
    registry.add(REDIS_METRICS, this.#redis.metrics)
    registry.add(READ_METRICS, this.#history.metrics)
    registry.add(METRICS, this.#speedGauges)
  }

  readonly #speedGauges: MetricSource = () => [
    ...(this.#networks === undefined ? [] : networkGauges(this.#networks)),
    ...(this.#busiest === undefined ? [] : hostGauges(this.#busiest)),
  ]

  opened(attack: Attack, decision: Decision, flows: readonly FlowSection[]): void {
    this.#redis.current?.opened(attack, decision, flows)
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    this.#redis.current?.evidence(attack, packets)
  }

  ended(attack: Attack): void {
    this.#redis.current?.ended(attack)
  }
}

/** Of a configuration, what attacks in Redis go by. */
const redisOf = (config: ResolvedConfig) => ({
  config: config.export.redis,
  style: scriptOptionsOf(config, {}).style,
  armed: config.mitigation.armed,
})
