// The fastnetmon.conf of a run: the same lines for both programs, but for the paths each writes to and its metrics port.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one run is configured with, beside the common lines. */
export interface RunSettings {
  readonly recordCount: number
  readonly tracking: boolean
}

/** Limits of the general policy and of the hostgroup `web`; rates in scenarios.ts are chosen around them. */
export const LIMIT = { pps: 2000, mbps: 10, flows: 1000, tcpPps: 1000, webUdpPps: 3500 } as const
export const BAN_SECONDS = 8
export const AVERAGE_SECONDS = 5

const NETWORKS = ['10.10.0.0/16', '10.10.7.0/24', '2001:db8:10::/48']
const WHITELIST = ['10.10.9.0/24']

const common = ({ recordCount, tracking }: RunSettings): readonly string[] => [
  'logging_level = info',
  'disable_usage_report = on',
  'enable_api = off',
  'monitor_local_ip_addresses = off',
  'mirror_afpacket = on',
  `enable_connection_tracking = ${tracking ? 'on' : 'off'}`,
  `average_calculation_time = ${AVERAGE_SECONDS}`,
  'speed_calculation_delay = 1',
  'check_period = 1',
  'sort_parameter = packets',
  'max_ips_in_list = 30',
  'enable_ban = on',
  'enable_ban_ipv6 = on',
  `ban_time = ${BAN_SECONDS}`,
  'unban_only_if_attack_finished = on',
  `ban_details_records_count = ${recordCount}`,
  'ban_for_pps = on',
  `threshold_pps = ${LIMIT.pps}`,
  'ban_for_bandwidth = on',
  `threshold_mbps = ${LIMIT.mbps}`,
  'ban_for_flows = on',
  `threshold_flows = ${LIMIT.flows}`,
  'ban_for_tcp_pps = on',
  `threshold_tcp_pps = ${LIMIT.tcpPps}`,
  // FastNetMon's groups inherit nothing, so what does not hold for this one is switched off in words.
  'hostgroup = web:10.10.7.0/24',
  'web_enable_ban = on',
  'web_ban_for_pps = off',
  'web_ban_for_bandwidth = off',
  'web_ban_for_flows = off',
  'web_ban_for_tcp_pps = off',
  'web_ban_for_udp_pps = on',
  `web_threshold_udp_pps = ${LIMIT.webUdpPps}`,
  'prometheus = on',
  'prometheus_host = 127.0.0.1',
]

export interface Files {
  readonly config: string
  readonly screen4: string
  readonly screen6: string
}

/** Writes the file and its lists into `folder`. */
export function writeConf(
  folder: string,
  {
    interfaceName,
    script,
    port,
    run,
  }: { interfaceName: string; script: string; port: number; run: RunSettings },
): Files {
  const files = {
    config: join(folder, 'fastnetmon.conf'),
    screen4: join(folder, 'screen4.dat'),
    screen6: join(folder, 'screen6.dat'),
  }
  const networks = join(folder, 'networks_list')
  const whitelist = join(folder, 'networks_whitelist')
  writeFileSync(networks, `${NETWORKS.join('\n')}\n`)
  writeFileSync(whitelist, `${WHITELIST.join('\n')}\n`)
  const own = [
    `interfaces = ${interfaceName}`,
    `networks_list_path = ${networks}`,
    `white_list_path = ${whitelist}`,
    `notify_script_path = ${script}`,
    `pid_path = ${join(folder, 'pid')}`,
    `cli_stats_file_path = ${files.screen4}`,
    `cli_stats_ipv6_file_path = ${files.screen6}`,
    `prometheus_port = ${port}`,
  ]
  writeFileSync(files.config, `${[...common(run), ...own].join('\n')}\n`)
  return files
}
