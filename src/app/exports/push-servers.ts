// Each kind of server that numbers are pushed to: by which settings, and how a loop towards it is begun.

import { hostname } from 'node:os'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import { ClickhouseClient } from '#export/clickhouse/client.ts'
import { clickhouseRows } from '#export/clickhouse/rows.ts'
import { pushToGraphite } from '#export/graphite/client.ts'
import { graphiteLines } from '#export/graphite/lines.ts'
import { InfluxdbClient } from '#export/influxdb/client.ts'
import { influxdbLines } from '#export/influxdb/lines.ts'
import { OtlpClient } from '#export/otlp/client.ts'
import { otlpServerText, otlpUrl } from '#export/otlp/config.ts'
import { otlpBatches } from '#export/otlp/encode.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import { VERSION } from '#lib/version.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { beginPushing, type Pushing } from './pushing.ts'
import { type SnapshotSource, snapshotOf } from './traffic-snapshot.ts'

export interface PushParts {
  readonly source: SnapshotSource
  readonly log: Logger
  /** Requests to InfluxDB are counted here, over all reloads. */
  readonly influxdbWrites: { -readonly [Name in keyof FastnetmonNumbers['influxdb']]: number }
  /** All metrics, brought up to date. */
  families(): Promise<readonly MetricFamily[]>
}

export interface PushServer {
  /** What it goes by: when that is otherwise, it is begun anew. */
  settings(config: ResolvedConfig): unknown
  /** `undefined`: it is off. */
  begin(config: ResolvedConfig): Pushing | undefined
}

export const pushServers = (parts: PushParts): PushServer[] => [
  graphite(parts),
  influxdb(parts),
  clickhouse(parts),
  otlp(parts),
]

const addressFormOf = ({ enforcement }: ResolvedConfig) => enforcement.notifyScript.addressForm

const graphite = ({ source, log }: PushParts): PushServer => ({
  settings: config => config.export.graphite,
  begin({ export: { graphite } }) {
    const server = parseServerAddress(graphite.server)
    if (server === undefined) return undefined
    return beginPushing({
      ...{ to: 'graphite', server: graphite.server, everySeconds: graphite.everySeconds, log },
      snapshot: () => snapshotOf(source, false),
      push: (snapshot, signal) => pushToGraphite(server, graphiteLines(snapshot, graphite), signal),
    })
  },
})

const influxdb = ({ source, log, influxdbWrites }: PushParts): PushServer => ({
  settings: config => [config.export.influxdb, addressFormOf(config)],
  begin(config) {
    const { influxdb } = config.export
    const server = parseServerAddress(influxdb.server)
    if (server === undefined) return undefined
    const client = new InfluxdbClient(server, influxdb, influxdbWrites)
    const form = { form: influxdb.form, addressForm: addressFormOf(config) }
    return beginPushing(
      {
        ...{ to: 'influxdb', server: influxdb.server, everySeconds: influxdb.everySeconds, log },
        snapshot: () => snapshotOf(source, influxdb.form === 'head'),
        push: (snapshot, signal) => client.push(influxdbLines(snapshot, form), signal),
      },
      () => client.close(),
    )
  },
})

const clickhouse = ({ source, log }: PushParts): PushServer => ({
  settings: config => [config.export.clickhouse, addressFormOf(config)],
  begin(config) {
    const { clickhouse } = config.export
    const server = parseServerAddress(clickhouse.server)
    if (server === undefined) return undefined
    const client = new ClickhouseClient(server, clickhouse, log)
    const options = { hosts: clickhouse.hosts, addressForm: addressFormOf(config) }
    return beginPushing(
      {
        ...{ to: 'clickhouse', server: clickhouse.server, everySeconds: clickhouse.everySeconds, log },
        snapshot: () => snapshotOf(source, true),
        push: (snapshot, signal) => client.push(clickhouseRows(snapshot, options), signal),
      },
      () => client.close(),
    )
  },
})

const otlp = ({ log, families }: PushParts): PushServer => ({
  settings: config => config.export.otlp,
  begin({ export: { otlp } }) {
    const url = otlpUrl(otlp.url)
    if (url === undefined) return undefined
    const client = new OtlpClient(otlp)
    const host = hostname()
    const resource = { version: VERSION, instance: otlp.instance ?? host, host }
    return beginPushing(
      {
        ...{ to: 'otlp', server: otlpServerText(url), everySeconds: otlp.everySeconds, log },
        snapshot: families,
        push: (known, signal) => {
          const times = { startedAt: performance.timeOrigin, at: Date.now() }
          return client.push(otlpBatches(known, resource, times), signal)
        },
      },
      () => client.close(),
    )
  },
})
