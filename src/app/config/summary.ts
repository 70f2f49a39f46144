// What a configuration means, as facts and in plain words.

import type { LimitsConfig, ThresholdsConfig } from '#4-detection/config.ts'
import { effectiveThresholds } from '#4-detection/inherited-limits.ts'
import type { AnnouncementPlan } from '#6-policy/announcement-plan.ts'
import { otlpServerText, otlpUrl } from '#export/otlp/config.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { numberText } from '#lib/number-text.ts'
import { announcementsOf } from './announcements.ts'
import type { ResolvedConfig } from './config.ts'
import type { Origin } from './load.ts'

export interface Summary {
  readonly origin: Origin
  readonly capture: string
  /** Where flow telemetry arrives and whose; empty: nowhere. */
  readonly telemetry: string
  readonly networks: {
    readonly prefixes: number
    readonly ipv4Addresses: number
    readonly ipv6Prefixes: number
  }
  readonly whitelist: number
  /** Remote prefixes and rules whose packets are left out of counting. */
  readonly exempt: { readonly sources: number; readonly rules: number }
  readonly mode: string
  readonly limits: { readonly incoming: string; readonly outgoing: string }
  readonly hostgroups: readonly HostgroupSummary[]
  readonly ban: string
  readonly script: string
  /** One text for each announcement, such as `the host by gobgp`. */
  readonly announces: readonly string[]
  /** One text for each playbook, such as `udp: limit, then drop`. */
  readonly playbooks: readonly string[]
  /** Empty: there is none. */
  readonly inventory: string
  /** One text for each server that is told, such as `speeds to Graphite at 127.0.0.1:2003 every 10 s`. */
  readonly sends: readonly string[]
  readonly armed: boolean
  readonly metrics: string
}

export interface HostgroupSummary {
  readonly name: string
  readonly networks: readonly string[]
  readonly enableBan: boolean
  readonly incoming: string
  readonly outgoing: string
}

/** The facts that decide what Floodwarden will do. */
export function summarize(config: ResolvedConfig, origin: Origin): Summary {
  const networks = config.networks.map(parsePrefix).filter(prefix => prefix !== undefined)
  return {
    origin,
    capture: captureText(config),
    telemetry: telemetryText(config),
    networks: {
      prefixes: networks.length,
      ipv4Addresses: Number(new PrefixSet(networks).countAddresses(4)),
      ipv6Prefixes: networks.filter(prefix => prefix.family === 6).length,
    },
    whitelist: config.whitelist.length,
    exempt: { sources: config.whitelistSources.length, rules: config.whitelistRules.length },
    mode: modeText(config),
    limits: limitsOf(config.detection.thresholds),
    hostgroups: hostgroupsOf(config),
    ban: banText(config),
    script: scriptText(config),
    announces: announcementsOf(config).map(announcementText),
    playbooks: config.playbooks.map(playbookText),
    inventory: inventoryText(config),
    sends: sendsOf(config),
    armed: config.mitigation.armed,
    metrics: config.metrics.listen === 'off' ? 'off' : `http://${config.metrics.listen}/metrics`,
  }
}

/** The same for people, a line for each fact. */
export function summaryLines(summary: Summary): string[] {
  const { networks, limits, hostgroups } = summary
  const watched = [
    `${count(networks.prefixes, 'prefix', 'prefixes')}`,
    ...(networks.ipv4Addresses > 0 ? [count(networks.ipv4Addresses, 'IPv4 address', 'IPv4 addresses')] : []),
    ...(networks.ipv6Prefixes > 0 ? [count(networks.ipv6Prefixes, 'IPv6 prefix', 'IPv6 prefixes')] : []),
  ]
  const rows: [string, string][] = [
    ['read as', ORIGIN_TEXT[summary.origin]],
    ['capture', summary.capture],
    ...(summary.telemetry === '' ? [] : [['telemetry', summary.telemetry] satisfies [string, string]]),
    ['networks', watched.join(', ')],
    ['whitelist', summary.whitelist === 0 ? 'none' : count(summary.whitelist, 'prefix', 'prefixes')],
    ...exemptRow(summary),
    ['judged by', summary.mode],
    ['limits', directions(limits)],
    ...hostgroups.map(hostgroupRow),
    ['ban', summary.ban],
    ['script', summary.script],
    ...summary.announces.map((text): [string, string] => ['announces', text]),
    ...summary.playbooks.map((text): [string, string] => ['playbook', text]),
    ...(summary.inventory === '' ? [] : [['inventory', summary.inventory] satisfies [string, string]]),
    ...summary.sends.map((text): [string, string] => ['sends', text]),
    ['armed', armedText(summary)],
    ['metrics', summary.metrics],
  ]
  return rows.map(([name, text]) => `${name.padEnd(10)} ${text}`)
}

function exemptRow({ exempt }: Summary): [string, string][] {
  const { sources, rules } = exempt
  if (sources + rules === 0) return []
  const parts = [
    ...(sources > 0 ? [count(sources, 'remote prefix', 'remote prefixes')] : []),
    ...(rules > 0 ? [count(rules, 'rule', 'rules')] : []),
  ]
  return [['exempt', `${parts.join(', ')}: not counted`]]
}

const ORIGIN_TEXT: Readonly<Record<Origin, string>> = {
  defaults: 'defaults, no file',
  native: 'native configuration',
  fastnetmon: 'fastnetmon.conf',
  prefixd: 'folder of prefixd',
}

function hostgroupRow(group: HostgroupSummary): [string, string] {
  const what = group.enableBan ? directions(group) : 'never judged'
  return ['hostgroup', `${group.name} (${group.networks.join(', ')}): ${what}`]
}

const directions = ({ incoming, outgoing }: { incoming: string; outgoing: string }): string =>
  incoming === outgoing ? `${incoming} in each direction` : `incoming ${incoming}; outgoing ${outgoing}`

function armedText(summary: Summary): string {
  if (!summary.armed) return 'no: everything is shown, nothing is carried out'
  if (summary.origin === 'prefixd')
    return 'yes, by mode: enforced: the rules of the playbooks, by gobgp, and nothing else'
  const what = summary.announces.length === 0 ? 'the script' : 'the script, what is announced'
  return summary.origin === 'fastnetmon' ? `yes, by enable_ban = on: ${what} and nothing else` : 'yes'
}

function captureText({ capture }: ResolvedConfig): string {
  if (capture.method === 'off') return 'off'
  const where =
    capture.interfaces.length === 0 ? 'the interface of the default route' : capture.interfaces.join(', ')
  const each =
    capture.samplingRate === 1 ? '' : `, each packet counted ${numberText(capture.samplingRate)} times`
  return `${where}${each}`
}

function telemetryText({
  telemetry: { listen, tcp, exporters, fallbackSamplingRate },
}: ResolvedConfig): string {
  if (listen.length + tcp.length === 0) return ''
  const whose =
    exporters.length === 0 ? 'of anybody' : `of ${count(exporters.length, 'exporter', 'exporters')}`
  const rate =
    fallbackSamplingRate === 1
      ? ''
      : `, 1:${numberText(fallbackSamplingRate)} until an exporter tells its rate`
  const places = [...listen, ...tcp.map(text => `TCP ${text}`)]
  return `sFlow, NetFlow and IPFIX ${whose} on ${places.join(', ')}${rate}`
}

function modeText({ detection, traffic }: ResolvedConfig): string {
  const families = [...(detection.enableIpv4 ? ['IPv4'] : []), ...(detection.enableIpv6 ? ['IPv6'] : [])]
  const who = families.length === 0 ? 'nobody is judged' : families.join(' and ')
  return detection.mode === 'plain'
    ? `plain mode: average over ${traffic.averageSeconds} s, every ${traffic.speedSeconds} s; ${who}`
    : `excess budget of ${detection.budgetSeconds} limit-seconds; ${who}`
}

function banText({ detection }: ResolvedConfig): string {
  if (detection.banSeconds === 0) return 'until an operator ends it'
  const longer = detection.unbanOnlyIfAttackFinished ? ', longer while the attack lasts' : ''
  return `${numberText(detection.banSeconds)} s${longer}`
}

const announcementText = ({ enforcer, family, scope, nextHop, communities }: AnnouncementPlan): string =>
  `${scope === 'host' ? 'the host' : 'the network around the host'} (IPv${family}) by ${enforcer}, next hop ${nextHop}, ${communities.join(' ') || 'no community'}`

const playbookText = ({ name, steps, dryRun }: ResolvedConfig['playbooks'][number]): string =>
  `${name}: ${steps.map(step => step.name).join(', then ')}${dryRun ? ' (shown only)' : ''}`

function inventoryText({ inventory: { customers, pops } }: ResolvedConfig): string {
  if (customers.length === 0) return ''
  const assets = customers.reduce((sum, customer) => sum + customer.assets.length, 0)
  const at = pops.length === 0 ? '' : ` at ${count(pops.length, 'POP', 'POPs')}`
  return `${count(customers.length, 'customer', 'customers')}, ${count(assets, 'asset', 'assets')}${at}`
}

function sendsOf({ export: { graphite, influxdb, clickhouse, otlp, redis } }: ResolvedConfig): string[] {
  const url = otlpUrl(otlp.url)
  return [
    ...(graphite.server === 'off'
      ? []
      : [`speeds to Graphite at ${graphite.server} every ${graphite.everySeconds} s`]),
    ...(influxdb.server === 'off'
      ? []
      : [`speeds to InfluxDB at ${influxdb.server} every ${influxdb.everySeconds} s`]),
    ...(clickhouse.server === 'off'
      ? []
      : [`speeds to ClickHouse at ${clickhouse.server} every ${clickhouse.everySeconds} s`]),
    ...(url === undefined ? [] : [`metrics by OTLP to ${otlpServerText(url)} every ${otlp.everySeconds} s`]),
    ...(redis.server === 'off' ? [] : [`attacks that are acted on to Redis at ${redis.server}`]),
  ]
}

function scriptText({ enforcement: { notifyScript }, evidence }: ResolvedConfig): string {
  if (notifyScript.path === undefined) return 'none'
  const details =
    notifyScript.passDetails === 'always' ||
    (notifyScript.passDetails === 'with-packets' && evidence.packets > 0)
  return `${notifyScript.path}, called for ban${details ? ', attack_details' : ''} and unban`
}

function hostgroupsOf({ hostgroups, detection }: ResolvedConfig): HostgroupSummary[] {
  const thresholds = effectiveThresholds(hostgroups, detection.thresholds)
  return Object.entries(hostgroups).map(([name, { networks, enableBan }]) => {
    const limits = limitsOf(thresholds.get(name) ?? { incoming: {}, outgoing: {} })
    return { name, networks, enableBan, ...limits }
  })
}

const limitsOf = ({ incoming, outgoing }: ThresholdsConfig): { incoming: string; outgoing: string } => ({
  incoming: limitsText(incoming),
  outgoing: limitsText(outgoing),
})

const UNITS = { packetsPerSecond: 'packet/s', megabitsPerSecond: 'Mbit/s', flowsPerSecond: 'flow/s' } as const

function limitsText(limits: LimitsConfig): string {
  const { tcp, udp, icmp, syn, fragments, dropped, ...total } = limits
  const parts = Object.entries({ total, tcp, udp, icmp, syn, fragments, dropped }).flatMap(([name, group]) =>
    Object.entries(UNITS).flatMap(([key, unit]) => {
      const value: unknown = group === undefined ? undefined : Reflect.get(group, key)
      if (typeof value !== 'number') return []
      return [`${name === 'total' ? '' : `${name} `}${numberText(value)} ${unit}`]
    }),
  )
  return parts.length === 0 ? 'no limit' : parts.join(', ')
}

const count = (value: number, one: string, many: string): string =>
  `${numberText(value)} ${value === 1 ? one : many}`
