// Numbers and attacks for other systems: Graphite, InfluxDB, Redis, and our networks for Prometheus.

import { ROW } from '#3-traffic/metric.ts'
import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import { pushToGraphite } from '#export/graphite/client.ts'
import { graphiteLines } from '#export/graphite/lines.ts'
import { InfluxdbClient } from '#export/influxdb/client.ts'
import { influxdbLines } from '#export/influxdb/lines.ts'
import { METRICS as PUSH_METRICS } from '#export/push/metrics.ts'
import { PushLoop } from '#export/push/push-loop.ts'
import { AttackKeys } from '#export/redis/attack-keys.ts'
import { METRICS as REDIS_METRICS } from '#export/redis/metrics.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import type { AttackWitness } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { NetworkRows } from '../engine-worker/network-rows.ts'
import { scriptOptionsOf } from '../script-options.ts'
import { METRICS } from './metrics.ts'
import { type SnapshotSource, snapshotOf } from './traffic-snapshot.ts'

/** Networks that are shown as metrics; the longest prefixes of more are left out. */
const NETWORKS_MAX = 1000

export class Exports implements AttackWitness {
  readonly #source: SnapshotSource
  readonly #loops: PushLoop[] = []
  readonly #influxdb: InfluxdbClient | undefined
  readonly #redis: AttackKeys | undefined
  #networks: NetworkRows | undefined

  constructor(config: ResolvedConfig, source: SnapshotSource, log: Logger) {
    this.#source = source
    this.#addGraphite(config, log)
    this.#influxdb = this.#addInfluxdb(config, log)
    const { redis } = config.export
    const server = parseServerAddress(redis.server)
    const { style } = scriptOptionsOf(config, {})
    const { armed } = config.mitigation
    this.#redis = server && new AttackKeys({ server, config: redis, style, armed, log })
  }

  #addGraphite({ export: { graphite } }: ResolvedConfig, log: Logger): void {
    const server = parseServerAddress(graphite.server)
    if (server === undefined) return
    this.#loops.push(
      new PushLoop({
        ...{ to: 'graphite', server: graphite.server, everySeconds: graphite.everySeconds, log },
        snapshot: () => snapshotOf(this.#source, false),
        push: (snapshot, signal) => pushToGraphite(server, graphiteLines(snapshot, graphite), signal),
      }),
    )
  }

  #addInfluxdb(
    { export: { influxdb }, enforcement }: ResolvedConfig,
    log: Logger,
  ): InfluxdbClient | undefined {
    const server = parseServerAddress(influxdb.server)
    if (server === undefined) return undefined
    const client = new InfluxdbClient(server, influxdb)
    const form = { form: influxdb.form, addressForm: enforcement.notifyScript.addressForm }
    this.#loops.push(
      new PushLoop({
        ...{ to: 'influxdb', server: influxdb.server, everySeconds: influxdb.everySeconds, log },
        snapshot: () => snapshotOf(this.#source, influxdb.form === 'head'),
        push: (snapshot, signal) => client.push(influxdbLines(snapshot, form), signal),
      }),
    )
    return client
  }

  /** Call it when the engine answers. */
  start(): void {
    for (const loop of this.#loops) loop.start()
  }

  /** Pushes are given up; what waits for Redis is written, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([...this.#loops.map(loop => loop.stop()), this.#redis?.stop(deadlineMs)])
    this.#influxdb?.close()
  }

  /** Brings the metrics of networks up to date; those at hand stay when the engine does not answer. */
  async refresh(): Promise<void> {
    await this.#source.ask('networks', {}, networks => this.#keep(networks)).catch(() => {})
  }

  #keep(networks: NetworkRows): void {
    this.#networks = networks
  }

  get influxdbWrites(): FastnetmonNumbers['influxdb'] {
    return { writes: this.#influxdb?.writes ?? 0, failed: this.#influxdb?.writesFailed ?? 0 }
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(PUSH_METRICS, () => this.#loops.flatMap(loop => [...loop.metrics()]))
    registry.add(REDIS_METRICS, () => this.#redis?.metrics() ?? [])
    registry.add(METRICS, this.#networkMetrics)
  }

  readonly #networkMetrics: MetricSource = () => {
    if (this.#networks === undefined) return []
    const { prefixes, rows } = this.#networks
    // Wide networks stand last, and are worth more to whoever looks at the whole.
    const left = Math.max(0, prefixes.length - NETWORKS_MAX)
    const values = prefixes.slice(left).flatMap((network, at) =>
      (['incoming', 'outgoing'] as const).flatMap((direction, side) => {
        const row = ((left + at) * 2 + side) * ROW
        const labels = { network, direction }
        return [
          { name: 'floodwarden_network_packets_per_second', value: Math.round(rows[row]!), labels },
          { name: 'floodwarden_network_bits_per_second', value: Math.round(rows[row + 1]! * 8), labels },
        ]
      }),
    )
    return [...values, { name: 'floodwarden_networks_left_out', value: left }]
  }

  opened(attack: Attack, decision: Decision, flows: readonly FlowSection[]): void {
    this.#redis?.opened(attack, decision, flows)
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    this.#redis?.evidence(attack, packets)
  }

  ended(attack: Attack): void {
    this.#redis?.ended(attack)
  }
}
