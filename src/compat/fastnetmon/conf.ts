// A fastnetmon.conf becomes native settings: the same words, checked by the same schema, each knowing its line.

import type { z } from 'zod'
import { type captureSchema, FANOUT_MODES } from '#1-capture/config.ts'
import type { trafficSchema } from '#3-traffic/config.ts'
import type { detectionSchema } from '#4-detection/config.ts'
import type { notifyScriptSchema } from '#8-enforcement/notify-script/config.ts'
import {
  formatPath,
  type Place,
  type Problem,
  type SettingPath,
  type SettingsSource,
} from '#lib/schema/problem.ts'
import { confProblem, readConfLines } from './conf-lines.ts'
import { compareHostgroupMatch, readHostgroups, readThresholds } from './conf-policy.ts'
import { ConfValues } from './conf-values.ts'
import { reportOptions } from './option-report.ts'
import { OPTIONS } from './option-table.ts'
import { type PlacedPrefix, readPrefixList } from './prefix-list.ts'

const NETWORKS_LIST = '/etc/networks_list'
const WHITELIST = '/etc/networks_whitelist'
const SCRIPT = '/usr/local/bin/notify_about_attack.sh'

export type ListFile =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: string }

/** What reading needs of the machine: the lists beside the file, and whether the usual script is there. */
export interface OutsideOfConf {
  exists(path: string): boolean
  readList(path: string): ListFile
}

export interface ConfSource extends SettingsSource {
  /** `enable_ban = on` is the owner's order: armed for exactly the script the file names. */
  readonly isOrdered: boolean
}

/** Reads the text of a fastnetmon.conf and the lists it names. What is wrong is reported as problems, never thrown. */
export function readConf(text: string, file: string, outside: OutsideOfConf): ConfSource {
  const { lines, problems } = readConfLines(text, file)
  const values = new ConfValues(
    lines.filter(line => line.key !== 'hostgroup'),
    file,
  )
  const hostgroups = readHostgroups(lines, values)
  const networks = readList(values, 'networks_list_path', NETWORKS_LIST, outside)
  const whitelist = readList(values, 'white_list_path', WHITELIST, outside)
  const own = values.isOn('monitor_local_ip_addresses', true) ? ['own'] : []
  const isOrdered = readOrder(values)
  if (networks.length + own.length === 0) {
    const message = 'there is no network to watch'
    values.problems.push(
      confProblem('fastnetmon-no-network', 'error', values.place('networks_list_path'), message),
    )
  }
  const settings = {
    networks: networks.length === 0 ? 'own' : [...networks.map(prefix => prefix.text), ...own],
    whitelist: whitelist.map(prefix => prefix.text),
    hostgroups: Object.fromEntries(
      hostgroups.map(({ name, prefixes, enableBan, thresholds }) => {
        return [name, { networks: prefixes.map(prefix => prefix.text), enableBan, thresholds }]
      }),
    ),
    capture: captureOf(values),
    traffic: trafficOf(values),
    detection: detectionOf(values),
    evidence: { packets: values.number('ban_details_records_count', { missing: 50, min: 0, max: 10_000 }) },
    mitigation: { armed: isOrdered },
    enforcement: { notifyScript: scriptOf(values, isOrdered, outside) },
    metrics: { listen: metricsListen(values) },
    screen: {
      sort: values.choice('sort_parameter', ['packets', 'bytes', 'flows'], 'bytes'),
      rows: values.number('max_ips_in_list', { missing: 7, min: 1, max: 1000 }),
      redrawSeconds: values.number('check_period', { missing: 3, min: 1, max: 60 }),
    },
    log: { level: values.choice('logging_level', ['info', 'debug'], 'info') },
  }
  const groupNames = hostgroups.map(group => group.name)
  values.problems.push(
    ...compareHostgroupMatch(hostgroups, networks),
    ...reportOptions(lines, values, groupNames),
  )
  const places = new Map<string, Place>([
    ...placesOf(['networks'], networks),
    ...placesOf(['whitelist'], whitelist),
    ...hostgroups.flatMap(({ name, prefixes }) => placesOf(['hostgroups', name, 'networks'], prefixes)),
  ])
  return {
    settings,
    isOrdered,
    problems: [...problems, ...values.problems],
    locate: path => places.get(formatPath(path)) ?? locateOption(path, values),
  }
}

function placesOf(path: SettingPath, prefixes: readonly PlacedPrefix[]): [string, Place][] {
  return prefixes.map(({ place }, at) => [formatPath([...path, at]), place])
}

/** The line of the option that became the setting, or of the nearest setting around it. */
function locateOption(path: SettingPath, values: ConfValues): Place {
  const isGroup = path[0] === 'hostgroups' && path.length > 2
  const prefix = isGroup ? `${path[1]}_` : ''
  const steps = (isGroup ? ['detection', ...path.slice(2)] : path).map(step =>
    step === 'incoming' || step === 'outgoing' ? '*' : step,
  )
  for (let length = steps.length; length > 0; length--) {
    const setting = formatPath(steps.slice(0, length))
    const option = OPTIONS.findLast(
      ({ name, ...row }) => row.setting === setting && values.has(prefix + name),
    )
    if (option !== undefined) return values.place(prefix + option.name)
  }
  return values.place('')
}

function readList(
  values: ConfValues,
  key: string,
  missing: string,
  outside: OutsideOfConf,
): readonly PlacedPrefix[] {
  const path = values.text(key) ?? missing
  const file = outside.readList(path)
  const report = (severity: Problem['severity'], message: string) =>
    values.problems.push(confProblem('fastnetmon-list-unreadable', severity, values.place(key), message))
  switch (file.kind) {
    case 'ok': {
      const list = readPrefixList(file.text, path)
      values.problems.push(...list.problems)
      return list.prefixes
    }
    case 'missing':
      if (values.has(key)) report('warning', `${key}: there is no file ${path}; the list is empty`)
      return []
    case 'failed':
      report('error', `${key}: ${path} cannot be read: ${file.error}`)
      return []
  }
}

function readOrder(values: ConfValues): boolean {
  const isOrdered = values.isOn('enable_ban')
  if (!isOrdered) {
    const found = values.has('enable_ban') ? 'off' : 'not set'
    const message = `enable_ban is ${found}: attacks are reported, and no script is called`
    values.problems.push(confProblem('fastnetmon-report-only', 'notice', values.place('enable_ban'), message))
  }
  return isOrdered
}

function captureOf(values: ConfValues): z.input<typeof captureSchema> {
  const engines = ['mirror_afpacket', 'mirror', 'pcap', 'mirror_afxdp']
  const isOn = engines.filter(engine => values.isOn(engine)).length > 0
  const interfaces = values.list('interfaces').filter(name => name !== 'any')
  if (!isOn) {
    const message = 'no capture is switched on (mirror_afpacket, mirror, pcap): nothing is captured'
    values.problems.push(
      confProblem('fastnetmon-no-capture', 'warning', values.place('mirror_afpacket'), message),
    )
  } else if (interfaces.length === 0) {
    const message = 'no interface is named: the one of the default route is used'
    values.problems.push(confProblem('fastnetmon-interfaces', 'warning', values.place('interfaces'), message))
  }
  return {
    method: isOn ? 'af-packet' : 'off',
    interfaces,
    samplingRate: values.number('mirror_af_packet_custom_sampling_rate', {
      missing: 1,
      min: 1,
      max: 1_000_000,
    }),
    fanout: values.choice('mirror_af_packet_fanout_mode', FANOUT_MODES, 'cpu'),
    length: values.isOn('af_packet_read_packet_length_from_ip_header') ? 'ip' : 'frame',
    ...(values.isOn('collect_attack_pcap_dumps') ? { snapBytes: 1500 } : {}),
  }
}

function trafficOf(values: ConfValues): z.input<typeof trafficSchema> {
  return {
    incoming: values.isOn('process_incoming_traffic', true),
    outgoing: values.isOn('process_outgoing_traffic', true),
    averageSeconds: values.number('average_calculation_time', { missing: 15, min: 1, max: 3600 }),
    speedSeconds: values.number('speed_calculation_delay', { missing: 1, min: 1, max: 60 }),
    ...(values.isOn('enable_connection_tracking', true) ? {} : { flows: 'off' }),
  }
}

function detectionOf(values: ConfValues): z.input<typeof detectionSchema> {
  const chosenBy = ['average_calculation_time', 'speed_calculation_delay'].find(key => values.has(key))
  if (chosenBy !== undefined) {
    const message = `${chosenBy} is set, so hosts are judged by their averages, as FastNetMon does`
    const hint = 'start with --detection budget to find attacks up to ten times sooner'
    values.problems.push(
      confProblem('fastnetmon-plain-mode', 'notice', values.place(chosenBy), message, hint),
    )
  }
  return {
    mode: chosenBy === undefined ? 'budget' : 'plain',
    enableIpv6: values.isOn('enable_ban_ipv6'),
    banSeconds: values.number('ban_time', { missing: 1800, min: 0, max: 31_536_000 }),
    unbanOnlyIfAttackFinished: values.isOn('unban_only_if_attack_finished', true),
    thresholds: readThresholds(values, ''),
  }
}

function scriptOf(
  values: ConfValues,
  isOrdered: boolean,
  outside: OutsideOfConf,
): z.input<typeof notifyScriptSchema> {
  const path = values.text('notify_script_path') ?? (outside.exists(SCRIPT) ? SCRIPT : undefined)
  if (isOrdered && path === undefined) {
    const message = `no notify_script_path is set and there is no ${SCRIPT}: bans are shown, and nothing is called`
    values.problems.push(
      confProblem('fastnetmon-no-script', 'warning', values.place('notify_script_path'), message),
    )
  }
  const details = values.isOn('notify_script_pass_details') ? 'always' : 'with-packets'
  if (values.text('notify_script_pass_details') === 'off') {
    const message =
      'notify_script_pass_details = off has no effect, as in FastNetMon 1.2.4: reports are passed'
    const place = values.place('notify_script_pass_details')
    values.problems.push(confProblem('fastnetmon-not-carried', 'notice', place, message))
  }
  return { addressForm: 'padded', passDetails: details, ...(isOrdered && path !== undefined ? { path } : {}) }
}

function metricsListen(values: ConfValues): string {
  if (!values.isOn('prometheus', true)) return 'off'
  const named = values.text('prometheus_host') ?? '127.0.0.1'
  const host = named === 'localhost' ? '127.0.0.1' : named
  const port = values.number('prometheus_port', { missing: 9209, min: 1, max: 65_535 })
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
