// How prefixd.yaml has the daemon run: armed or not, with which gobgpd, what is never touched, log and metrics.

import { parsePrefix } from '#lib/ip/prefix.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { Reading } from './reading.ts'
import { readApi } from './settings-api.ts'
import type { PrefixdMainSettings } from './settings-schema.ts'

const RECONCILE_SECONDS = { usual: 30, most: 3600 } as const

/** Whether its owner has armed it. */
export function readOperation(settings: PrefixdMainSettings, reading: Reading): boolean {
  const isOrdered = readOrder(settings, reading)
  readGobgpd(settings, reading)
  readSafelist(settings, reading)
  readLog(settings, reading)
  readApi(settings, reading)
  const { shutdown } = settings
  const onStop = shutdown?.preserve_announcements === false ? 'withdraw' : 'keep'
  const fromStop = ['shutdown', 'preserve_announcements']
  reading.carry(['mitigation', 'onStop'], onStop, fromStop)
  if (onStop === 'withdraw')
    reading.say('notice', 'prefixd-now-real', fromStop, 'a stop takes all rules back; prefixd leaves them')
  // prefixd captures nothing, so nobody has said that what is captured here may be acted on.
  reading.carry(['capture', 'method'], 'off', [])
  reading.say(
    'notice',
    'prefixd-no-capture',
    [],
    'prefixd captures nothing and neither does this: attacks are those that are reported or asked for by hand until interfaces are named',
  )
  return isOrdered
}

function readOrder({ mode, bgp }: PrefixdMainSettings, reading: Reading): boolean {
  const isMock = bgp?.mode === 'mock'
  const isOrdered = mode === 'enforced' && !isMock
  if (isMock)
    reading.say('notice', 'prefixd-dry-run', ['bgp', 'mode'], 'mode: mock announces nothing: it is a dry run')
  if (mode === 'dry-run')
    reading.say(
      'notice',
      'prefixd-dry-run',
      ['mode'],
      'mode is dry-run: attacks are reported, nothing is announced',
    )
  reading.carry(['mitigation', 'armed'], isOrdered, ['mode'])
  return isOrdered
}

function readGobgpd({ bgp, timers }: PrefixdMainSettings, reading: Reading): void {
  const from = ['bgp', 'gobgp_grpc']
  const isWanted = bgp?.mode !== 'mock'
  const written = bgp?.gobgp_grpc
  if (written === undefined) {
    if (isWanted) reading.say('error', 'prefixd-value', from, 'missing key gobgp_grpc: expected ADDRESS:PORT')
  } else {
    const address = written
      .replace(/^https?:\/\//, '')
      .replace(/\/$/, '')
      .replace(/^localhost:/, '127.0.0.1:')
    if ((parseListenAddress(address)?.port ?? 0) > 0) {
      reading.carry(['enforcement', 'gobgp', 'address'], address, from)
      // prefixd cannot do without the address: only what the playbooks name is armed.
      reading.carry(['enforcement', 'gobgp', 'rulesByPeople'], false, from)
    } else if (isWanted) {
      const message = `expected ADDRESS:PORT such as 127.0.0.1:50051, found ${JSON.stringify(written)}`
      const hint = 'names are not looked up: write the address of gobgpd'
      reading.say('error', 'prefixd-value', from, message, hint)
    }
  }
  const interval = timers?.reconciliation_interval_seconds ?? RECONCILE_SECONDS.usual
  const fromInterval = ['timers', 'reconciliation_interval_seconds']
  if (interval === 0)
    reading.say(
      'warning',
      'prefixd-bound',
      fromInterval,
      '0 ends the loop of prefixd at its first run, so nothing ever expires there; here it is 1',
    )
  const seconds = reading.atMost(Math.max(1, interval), RECONCILE_SECONDS.most, fromInterval)
  reading.carry(['enforcement', 'gobgp', 'reconcileSeconds'], seconds, fromInterval)
}

/** prefixd takes whatever stands there, and one entry that is no prefix switches its whole safelist off. */
function readSafelist({ safelist }: PrefixdMainSettings, reading: Reading): void {
  for (const [at, prefix] of (safelist?.prefixes ?? []).entries()) {
    const from = ['safelist', 'prefixes', at]
    const native = ['policy', 'safelist', at]
    reading.carry([...native, 'prefix'], prefix, from)
    reading.carry([...native, 'reason'], 'from prefixd.yaml', from)
    if (parsePrefix(prefix) !== undefined) continue
    const message = `expected a prefix such as 192.0.2.0/24, found ${JSON.stringify(prefix.slice(0, 60))}`
    const hint = 'in prefixd one entry like this makes every look-up fail, and then nobody is safe'
    reading.say('error', 'prefixd-value', from, message, hint)
  }
}

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['trace', 'debug'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
])

function readLog({ observability }: PrefixdMainSettings, reading: Reading): void {
  const { log_format, log_level, metrics_listen } = observability ?? {}
  const fromFormat = ['observability', 'log_format']
  reading.carry(['log', 'format'], log_format === 'pretty' ? 'text' : 'json', fromFormat)
  const fromLevel = ['observability', 'log_level']
  const level = log_level === undefined ? 'info' : LEVELS.get(log_level.toLowerCase())
  if (level === undefined) {
    const message = `${JSON.stringify(log_level?.slice(0, 60))} is no level: expected debug, info, warn or error; info is taken`
    reading.say('warning', 'prefixd-bound', fromLevel, message)
  }
  reading.carry(['log', 'level'], level ?? 'info', fromLevel)
  if (metrics_listen === undefined) return
  const fromMetrics = ['observability', 'metrics_listen']
  if (parseListenAddress(metrics_listen) === undefined) {
    const message = `expected ADDRESS:PORT, found ${JSON.stringify(metrics_listen.slice(0, 60))}; 127.0.0.1:9209 is taken`
    reading.say('warning', 'prefixd-bound', fromMetrics, message)
    return
  }
  reading.carry(['metrics', 'listen'], metrics_listen, fromMetrics)
  const message = `metrics are served at ${metrics_listen}, as it says; prefixd has them at http.listen alone`
  reading.say('notice', 'prefixd-now-real', fromMetrics, message)
}
