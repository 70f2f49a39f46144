// Numbers and attacks for other systems: Graphite, InfluxDB, Redis, and our networks for Prometheus.

import { isDeepStrictEqual } from 'node:util'
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
import { PushLoop, type PushPlan } from '#export/push/push-loop.ts'
import { AttackKeys, type LeftKeys } from '#export/redis/attack-keys.ts'
import { METRICS as REDIS_METRICS } from '#export/redis/metrics.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import type { AttackWitness } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { NetworkRows } from '../engine-worker/network-rows.ts'
import { Succession } from '../reload/succession.ts'
import { scriptOptionsOf } from '../script-options.ts'
import { METRICS } from './metrics.ts'
import { type SnapshotSource, snapshotOf } from './traffic-snapshot.ts'

/** Networks that are shown as metrics; the longest prefixes of more are left out. */
const NETWORKS_MAX = 1000

/** A push loop that goes on to another server when its settings change. */
class Pushing {
  readonly #loop: PushLoop
  readonly #close: () => void

  constructor(plan: PushPlan, close: () => void = () => {}) {
    this.#loop = new PushLoop(plan)
    this.#close = close
    this.#loop.start()
  }

  get metrics(): MetricSource {
    return this.#loop.metrics
  }

  /** Settles when the push that is going on has ended. */
  async leave(): Promise<void> {
    await this.#loop.leave()
    this.#close()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    this.#close()
  }
}

export class Exports implements AttackWitness {
  readonly #source: SnapshotSource
  readonly #log: Logger
  readonly #influxdbWrites = { writes: 0, failed: 0 }
  readonly #graphite = new Succession<Pushing>(undefined)
  readonly #influxdb = new Succession<Pushing>(undefined)
  readonly #redis: Succession<AttackKeys>
  #config: ResolvedConfig
  #networks: NetworkRows | undefined

  constructor(config: ResolvedConfig, source: SnapshotSource, log: Logger) {
    this.#source = source
    this.#log = log
    this.#config = config
    this.#redis = new Succession(this.#attackKeys(config))
  }

  /** Call it when the engine answers. */
  start(): void {
    this.#graphite.replace(this.#toGraphite(this.#config), Promise.resolve())
    this.#influxdb.replace(this.#toInfluxdb(this.#config), Promise.resolve())
  }

  /** Goes on by other settings: what they concern is replaced, what waits for Redis is written by the new ones. */
  reconfigure(config: ResolvedConfig): void {
    const before = this.#config
    this.#config = config
    const isOther = (of: (config: ResolvedConfig) => unknown) => !isDeepStrictEqual(of(before), of(config))
    if (isOther(graphiteOf)) this.#graphite.replace(this.#toGraphite(config), leaveOf(this.#graphite.current))
    if (isOther(influxdbOf)) this.#influxdb.replace(this.#toInfluxdb(config), leaveOf(this.#influxdb.current))
    if (!isOther(redisOf)) return
    const left = this.#redis.current?.leave()
    this.#redis.replace(this.#attackKeys(config, left), left?.ended ?? Promise.resolve())
  }

  #toGraphite({ export: { graphite } }: ResolvedConfig): Pushing | undefined {
    const server = parseServerAddress(graphite.server)
    if (server === undefined) return undefined
    return new Pushing({
      ...{ to: 'graphite', server: graphite.server, everySeconds: graphite.everySeconds, log: this.#log },
      snapshot: () => snapshotOf(this.#source, false),
      push: (snapshot, signal) => pushToGraphite(server, graphiteLines(snapshot, graphite), signal),
    })
  }

  #toInfluxdb({ export: { influxdb }, enforcement }: ResolvedConfig): Pushing | undefined {
    const server = parseServerAddress(influxdb.server)
    if (server === undefined) return undefined
    const client = new InfluxdbClient(server, influxdb, this.#influxdbWrites)
    const form = { form: influxdb.form, addressForm: enforcement.notifyScript.addressForm }
    const plan: PushPlan = {
      ...{ to: 'influxdb', server: influxdb.server, everySeconds: influxdb.everySeconds, log: this.#log },
      snapshot: () => snapshotOf(this.#source, influxdb.form === 'head'),
      push: (snapshot, signal) => client.push(influxdbLines(snapshot, form), signal),
    }
    return new Pushing(plan, () => client.close())
  }

  #attackKeys(config: ResolvedConfig, left?: LeftKeys): AttackKeys | undefined {
    const server = parseServerAddress(config.export.redis.server)
    return server && new AttackKeys({ server, ...redisOf(config), left, log: this.#log })
  }

  /** Pushes are given up; what waits for Redis is written, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    const parts = [this.#graphite, this.#influxdb, this.#redis]
    await Promise.all(parts.map(part => part.stop(deadlineMs)))
  }

  /** Brings the metrics of networks up to date; those at hand stay when the engine does not answer. */
  async refresh(): Promise<void> {
    await this.#source.ask('networks', {}, networks => this.#keep(networks)).catch(() => {})
  }

  #keep(networks: NetworkRows): void {
    this.#networks = networks
  }

  get influxdbWrites(): FastnetmonNumbers['influxdb'] {
    return this.#influxdbWrites
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(PUSH_METRICS, () => [...this.#graphite.metrics(), ...this.#influxdb.metrics()])
    registry.add(REDIS_METRICS, this.#redis.metrics)
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
    this.#redis.current?.opened(attack, decision, flows)
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    this.#redis.current?.evidence(attack, packets)
  }

  ended(attack: Attack): void {
    this.#redis.current?.ended(attack)
  }
}

/** Of a configuration, what each export goes by. */
const graphiteOf = ({ export: { graphite } }: ResolvedConfig) => graphite

const influxdbOf = ({ export: { influxdb }, enforcement }: ResolvedConfig) => [
  influxdb,
  enforcement.notifyScript.addressForm,
]

const redisOf = (config: ResolvedConfig) => ({
  config: config.export.redis,
  style: scriptOptionsOf(config, {}).style,
  armed: config.mitigation.armed,
})

const leaveOf = (part: Pushing | undefined): Promise<void> => part?.leave() ?? Promise.resolve()
