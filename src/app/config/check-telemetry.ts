// Settings of flow telemetry that are each possible and together mean nothing.

import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { formatListenAddress, parseListenAddress } from '#lib/listen-address.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'

export function checkTelemetry({ telemetry }: ResolvedConfig, source: SettingsSource): Problem[] {
  const { listen, tcp, exporters } = telemetry
  const places = (texts: readonly string[]) =>
    texts.map(text => {
      const address = parseListenAddress(text)
      const host = address && parseAddress(address.host)
      return host === undefined
        ? text
        : formatListenAddress({ host: formatAddress(host), port: address?.port ?? 0 })
    })
  const prefixes = exporters.map(({ prefix }) => {
    const parsed = parsePrefix(prefix)
    return parsed === undefined ? prefix : formatPrefix(parsed)
  })
  const twice = (texts: readonly string[], path: (at: number) => (string | number)[]): Problem[] =>
    texts.flatMap((text, at) => {
      if (texts.indexOf(text) === at) return []
      return [problemAt(source, 'config-telemetry-twice', 'error', path(at), `${text} stands there already`)]
    })
  const open = [
    ...(listen.length > 0 ? [['telemetry', 'listen']] : []),
    ...(tcp.length > 0 ? [['telemetry', 'tcp']] : []),
  ]
  return [
    ...twice(places(listen), at => ['telemetry', 'listen', at]),
    ...twice(places(tcp), at => ['telemetry', 'tcp', at]),
    ...twice(prefixes, at => ['telemetry', 'exporters', at, 'prefix']),
    ...(exporters.length > 0
      ? []
      : open.map(at => problemAt(source, 'config-telemetry-open', 'notice', at, OPEN))),
  ]
}

const OPEN = 'no exporters are listed: whoever can send a datagram to the port can pretend traffic'
