// Graphite, InfluxDB, ClickHouse and Redis, as a fastnetmon.conf names them.

import { formatServerAddress, parseServerAddress } from '#lib/server-address.ts'
import { confProblem, quote } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'
import type { ConfValues } from './conf-values.ts'

interface ServerPart {
  readonly server: string
}

interface GraphitePart extends ServerPart {
  readonly prefix?: string
  readonly everySeconds?: number
  readonly ipv6?: boolean
}

interface InfluxdbPart extends ServerPart {
  readonly database?: string
  readonly everySeconds?: number
  readonly user?: string
  readonly password?: string
}

interface ClickhousePart extends ServerPart {
  readonly database?: string
  readonly everySeconds?: number
  readonly user?: string
  readonly password?: string
}

interface RedisPart extends ServerPart {
  readonly prefix?: string
}

interface ExportsPart {
  readonly export: {
    readonly graphite: GraphitePart
    readonly influxdb: InfluxdbPart
    readonly clickhouse: ClickhousePart
    readonly redis: RedisPart
  }
}

const PERIOD = { missing: 1, min: 1, max: 3600 } as const

export function readExports({ values }: ConfReading): ExportsPart {
  const isRedis = values.choice('redis_enabled', ['on', 'off', 'yes', 'no'], 'off')
  return {
    export: {
      graphite: values.isOn('graphite') ? readGraphite(values) : OFF,
      influxdb: values.isOn('influxdb') ? readInfluxdb(values) : OFF,
      clickhouse: values.isOn('clickhouse_metrics') ? readClickhouse(values) : OFF,
      redis: isRedis === 'on' || isRedis === 'yes' ? readRedis(values) : OFF,
    },
  }
}

const OFF = { server: 'off' } as const

function readGraphite(values: ConfValues): GraphitePart {
  return {
    server: serverOf(values, 'graphite', 2003),
    prefix: textOf(values, 'graphite_prefix', 'fastnetmon', /^[A-Za-z0-9_.-]{1,200}$/),
    everySeconds: values.number('graphite_push_period', PERIOD),
    ipv6: false,
  }
}

function readInfluxdb(values: ConfValues): InfluxdbPart {
  const login = {
    user: values.text('influxdb_user') ?? 'fastnetmon',
    password: values.text('influxdb_password') ?? 'fastnetmon',
  }
  return {
    server: serverOf(values, 'influxdb', 8086),
    database: textOf(values, 'influxdb_database', 'fastnetmon', /^.{1,256}$/),
    everySeconds: values.number('influxdb_push_period', PERIOD),
    ...(values.isOn('influxdb_auth') ? login : {}),
  }
}

function readClickhouse(values: ConfValues): ClickhousePart {
  const password = values.text('clickhouse_metrics_password')
  return {
    server: clickhouseServer(values),
    database: textOf(values, 'clickhouse_metrics_database', 'fastnetmon', /^[A-Za-z_][A-Za-z0-9_]{0,127}$/),
    everySeconds: values.number('clickhouse_metrics_push_period', PERIOD),
    user: values.text('clickhouse_metrics_username') ?? 'default',
    ...(password === undefined ? {} : { password }),
  }
}

/** FastNetMon speaks the native protocol, we speak HTTP: the usual port of the one becomes the usual port of the other. */
function clickhouseServer(values: ConfValues): string {
  const key = 'clickhouse_metrics_port'
  const server = serverOf(values, 'clickhouse_metrics', NATIVE_PORT)
  const parsed = parseServerAddress(server)
  if (parsed?.port !== NATIVE_PORT) return server
  const http = formatServerAddress({ ...parsed, port: HTTP_PORT })
  const place = values.place(values.text(key) === undefined ? 'clickhouse_metrics' : key)
  const message = `ClickHouse is written to over HTTP: port ${HTTP_PORT} is taken in place of ${NATIVE_PORT} of its native protocol`
  const hint = 'write the port of its HTTP interface when it is another one'
  values.problems.push(confProblem('fastnetmon-clickhouse-port', 'notice', place, message, hint))
  return http
}

const NATIVE_PORT = 9000
const HTTP_PORT = 8123

function readRedis(values: ConfValues): RedisPart {
  return {
    server: serverOf(values, 'redis', 6379),
    prefix: textOf(values, 'redis_prefix', '', /^.{0,200}$/),
  }
}

/** `off`, and a word about it, when the host is none. */
function serverOf(values: ConfValues, name: string, missingPort: number): string {
  const key = `${name}_host`
  const host = values.text(key) ?? '127.0.0.1'
  const port = values.number(`${name}_port`, { missing: missingPort, min: 1, max: 65_535 })
  const server = formatServerAddress({ host, port })
  if (parseServerAddress(server) !== undefined) return server
  report(values, key, `${key}: expected a name or an address, found ${quote(host)}; nothing is sent there`)
  return 'off'
}

function textOf(values: ConfValues, key: string, missing: string, pattern: RegExp): string {
  const text = values.text(key) ?? missing
  if (pattern.test(text)) return text
  report(values, key, `${key}: ${quote(text)} cannot be used; ${quote(missing)} is`)
  return missing
}

const report = (values: ConfValues, key: string, message: string): number =>
  values.problems.push(confProblem('fastnetmon-export', 'warning', values.place(key), message))
