// Whether numbers can be sent as they are set, asked before anybody misses them.

import { otlpUrl } from '#export/otlp/config.ts'
import { isLoopback } from '#lib/ip/loopback.ts'
import type { Problem, SettingPath, SettingsSource } from '#lib/schema/problem.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import type { Config } from './config.ts'
import { isReadable } from './is-readable.ts'
import { problemAt } from './problems.ts'

/** Of ClickHouse: its native protocol, which is not spoken here. */
const NATIVE_PORTS = [9000, 9440]

/** Warnings only: detection needs nobody who takes its numbers. */
export function checkExport(config: Config, source: SettingsSource): Problem[] {
  const report = (path: SettingPath, message: string): Problem =>
    problemAt(source, 'config-export', 'warning', path, message)
  return [
    ...checkClickhouse(config, report),
    ...checkOtlp(config, report),
    ...(config.metrics.topHosts > 0 && config.metrics.listen === 'off' && config.export.otlp.url === 'off'
      ? [report(['metrics', 'topHosts'], 'nobody is told: metrics.listen and export.otlp.url are off')]
      : []),
  ]
}

type Report = (path: SettingPath, message: string) => Problem

function checkClickhouse({ export: { clickhouse } }: Config, report: Report): Problem[] {
  const server = parseServerAddress(clickhouse.server)
  if (server === undefined) return []
  const at = (key: string) => ['export', 'clickhouse', key]
  const { tls, caFile, password, passwordFile } = clickhouse
  const isOpen = !tls && !isHere(server.host) && (password !== undefined || passwordFile !== undefined)
  return [
    ...(NATIVE_PORTS.includes(server.port)
      ? [
          report(
            at('server'),
            `${server.port} is the port of the native protocol; HTTP is on 8123, with TLS on 8443`,
          ),
        ]
      : []),
    ...(isOpen ? [report(at('tls'), 'tls is off: the password crosses the network in the open')] : []),
    ...unreadable({ passwordFile, caFile }, at, report),
  ]
}

function checkOtlp({ export: { otlp } }: Config, report: Report): Problem[] {
  const url = otlpUrl(otlp.url)
  if (url === undefined) return []
  const at = (key: string) => ['export', 'otlp', key]
  const { caFile, headersFile } = otlp
  const isOpen = url.protocol === 'http:' && !isHere(url.hostname) && headersFile !== undefined
  return [
    ...(url.pathname === '/'
      ? [report(at('url'), 'the URL has no path: collectors take metrics at /v1/metrics')]
      : []),
    ...(isOpen ? [report(at('url'), 'headers of headersFile cross the network in the open: use https')] : []),
    ...unreadable({ caFile, headersFile }, at, report),
  ]
}

const unreadable = (
  files: Readonly<Record<string, string | undefined>>,
  at: (key: string) => SettingPath,
  report: Report,
): Problem[] =>
  Object.entries(files).flatMap(([key, path]) =>
    path === undefined || isReadable(path) ? [] : [report(at(key), `${path} cannot be read by this user`)],
  )

const isHere = (host: string): boolean => host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
