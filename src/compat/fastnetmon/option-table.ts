// Every option of fastnetmon.conf (FastNetMon 1.1, 1.2.4 and later) and what becomes of it here.

import { EXABGP_ROWS, GOBGP_ROWS } from './announce-options.ts'

export type OptionKind = 'switch' | 'number' | 'text' | 'choice' | 'list' | 'path' | 'hostgroup'

export interface ConfOption {
  readonly name: string
  readonly kind: OptionKind
  /** Honoured: does here what it does there. Later: a coming version carries it. Never: it has no place here. */
  readonly state: 'honoured' | 'later' | 'never'
  /** The native setting it becomes; `*` stands for incoming and outgoing. Empty when there is none. */
  readonly setting: string
  /** The switch that must be on for the option to mean anything; empty when it stands alone. */
  readonly onlyWith: string
  readonly note: string
}

const honoured = (name: string, kind: OptionKind, setting: string, note = ''): ConfOption => ({
  name,
  kind,
  state: 'honoured',
  setting,
  onlyWith: '',
  note,
})

const notCarried =
  (state: 'later' | 'never') =>
  (name: string, kind: OptionKind, note: string): ConfOption => ({
    name,
    kind,
    state,
    setting: '',
    onlyWith: '',
    note,
  })
const never = notCarried('never')

/** Options that mean something only while their switch is on; the switch is the one that is warned about. */
const whileOn = (onlyWith: string, state: 'later' | 'never', names: readonly string[]): ConfOption[] =>
  names.map(name => ({ name, kind: 'text', state, setting: '', onlyWith, note: `belongs to ${onlyWith}` }))

/** Words of FastNetMon 1.1 or Advanced. */
const old = (name: string, kind: OptionKind, instead: string): ConfOption =>
  never(name, kind, `FastNetMon 1.2.4 does not read it either; ${instead}`)

/** Announcements: name, kind, setting below the enforcer's own, note. */
const announced = (
  enforcer: 'exabgp' | 'gobgp',
  rows: readonly (readonly [string, OptionKind, string, string])[],
): ConfOption[] =>
  rows.map(([name, kind, setting, note]) =>
    honoured(name, kind, ['enforcement', enforcer, setting].filter(Boolean).join('.'), note),
  )

const IN_MBIT = 'Whole Mbit/s; in plain mode crossed when the speed, cut to whole Mbit/s, is above it.'

/** One limit of a policy: its switch, its number, and the native limit both become. */
export const LIMIT_OPTIONS = [
  { ban: 'ban_for_pps', threshold: 'threshold_pps', limit: ['packetsPerSecond'] },
  { ban: 'ban_for_bandwidth', threshold: 'threshold_mbps', limit: ['megabitsPerSecond'] },
  { ban: 'ban_for_flows', threshold: 'threshold_flows', limit: ['flowsPerSecond'] },
  { ban: 'ban_for_tcp_pps', threshold: 'threshold_tcp_pps', limit: ['tcp', 'packetsPerSecond'] },
  { ban: 'ban_for_udp_pps', threshold: 'threshold_udp_pps', limit: ['udp', 'packetsPerSecond'] },
  { ban: 'ban_for_icmp_pps', threshold: 'threshold_icmp_pps', limit: ['icmp', 'packetsPerSecond'] },
  { ban: 'ban_for_tcp_bandwidth', threshold: 'threshold_tcp_mbps', limit: ['tcp', 'megabitsPerSecond'] },
  { ban: 'ban_for_udp_bandwidth', threshold: 'threshold_udp_mbps', limit: ['udp', 'megabitsPerSecond'] },
  { ban: 'ban_for_icmp_bandwidth', threshold: 'threshold_icmp_mbps', limit: ['icmp', 'megabitsPerSecond'] },
  // The words of FastNetMon Advanced, which Community does not read.
  { ban: 'ban_for_tcp_syn_pps', threshold: 'threshold_tcp_syn_pps', limit: ['syn', 'packetsPerSecond'] },
  {
    ban: 'ban_for_tcp_syn_bandwidth',
    threshold: 'threshold_tcp_syn_mbps',
    limit: ['syn', 'megabitsPerSecond'],
  },
  {
    ban: 'ban_for_ip_fragments_pps',
    threshold: 'threshold_ip_fragments_pps',
    limit: ['fragments', 'packetsPerSecond'],
  },
  {
    ban: 'ban_for_ip_fragments_bandwidth',
    threshold: 'threshold_ip_fragments_mbps',
    limit: ['fragments', 'megabitsPerSecond'],
  },
] as const

/** The keys a hostgroup may also have, with its name and `_` in front. */
export const POLICY_KEYS: readonly string[] = [
  'enable_ban',
  ...LIMIT_OPTIONS.flatMap(({ ban, threshold }) => [ban, threshold]),
]

const LIMITS: readonly ConfOption[] = LIMIT_OPTIONS.flatMap(({ ban, threshold, limit }) => {
  const setting = ['detection.thresholds.*', ...limit].join('.')
  return [
    honoured(ban, 'switch', setting, 'Off when not set; then there is no such limit.'),
    honoured(threshold, 'number', setting, threshold.endsWith('mbps') ? IN_MBIT : ''),
  ]
})

export const OPTIONS: readonly ConfOption[] = [
  // Log and process.
  honoured('logging_level', 'choice', 'log.level'),
  honoured('logging_local_syslog_logging', 'switch', 'log.syslog.local'),
  honoured('logging_remote_syslog_logging', 'switch', 'log.syslog.remote', 'UDP, as RFC 3164 has it.'),
  honoured('logging_remote_syslog_server', 'text', 'log.syslog.remote'),
  honoured('logging_remote_syslog_port', 'number', 'log.syslog.remote', 'No port, no syslog.'),
  honoured('disable_usage_report', 'switch', '', 'Nothing is ever sent to anybody.'),
  honoured(
    'pid_path',
    'path',
    'process.pidFile',
    'No pid file when not set. What keeps a second daemon out is the lock on the state directory.',
  ),
  never('dump_all_traffic', 'switch', 'no packet is written to the log; use tcpdump'),
  never(
    'dump_other_traffic',
    'switch',
    'no packet is written to the log; top shows how much other traffic there is',
  ),
  honoured(
    'enable_api',
    'switch',
    'compatibility.fastnetmonApi.listen',
    'Off when not set. On: fastnetmon_api_client works, on 127.0.0.1:50052.',
  ),

  // Networks.
  honoured(
    'networks_list_path',
    'path',
    'networks',
    'When not set, /etc/networks_list. Comments are allowed in it.',
  ),
  honoured(
    'white_list_path',
    'path',
    'whitelist',
    'When not set, /etc/networks_whitelist. Comments are allowed in it.',
  ),
  honoured(
    'whitelist_rules_path',
    'path',
    'whitelistRules',
    'Our own word: FastNetMon always reads /etc/whitelist_rules, which is read here too when it is not set. IPv6 rules take any prefix.',
  ),
  honoured(
    'monitor_local_ip_addresses',
    'switch',
    'networks',
    'On when not set. IPv6 addresses are added as well.',
  ),
  never(
    'monitor_openvz_vps_ip_addresses',
    'switch',
    'list the addresses of the containers in the networks list',
  ),
  honoured('process_incoming_traffic', 'switch', 'traffic.incoming', 'On when not set.'),
  honoured('process_outgoing_traffic', 'switch', 'traffic.outgoing', 'On when not set.'),
  honoured(
    'enable_connection_tracking',
    'switch',
    'traffic.flows',
    'On when not set. Counts every protocol, in plain mode TCP and UDP over IPv4.',
  ),

  // Bans.
  honoured(
    'enable_ban',
    'switch',
    'mitigation.armed',
    'Off when not set; then attacks are reported and nothing is called.',
  ),
  honoured('enable_ban_ipv6', 'switch', 'detection.enableIpv6', 'Off when not set.'),
  ...LIMITS,
  honoured(
    'ban_time',
    'number',
    'detection.banSeconds',
    '1800 when not set. 0: until an operator ends the ban.',
  ),
  honoured(
    'unban_only_if_attack_finished',
    'switch',
    'detection.unbanOnlyIfAttackFinished',
    'On when not set. For IPv6 too.',
  ),
  honoured('ban_details_records_count', 'number', 'evidence.packets', '50 when not set, at most 10,000.'),
  honoured(
    'collect_attack_pcap_dumps',
    'switch',
    'evidence.files.pcap',
    'Packets are kept up to 1,500 bytes each, and a pcap is written beside the text file of an attack.',
  ),
  honoured(
    'notify_script_path',
    'path',
    'enforcement.notifyScript.path',
    'When not set, /usr/local/bin/notify_about_attack.sh if it exists.',
  ),
  honoured(
    'notify_script_pass_details',
    'switch',
    'enforcement.notifyScript.passDetails',
    'on: attack_details is called even without packets. FastNetMon 1.2.4 does not read it.',
  ),
  honoured(
    'hostgroup',
    'hostgroup',
    'hostgroups',
    'IPv4 and IPv6; the longest prefix decides. What a group does not set is as in the general policy; in FastNetMon it is off or 0.',
  ),

  // Speeds and screen.
  honoured(
    'average_calculation_time',
    'number',
    'traffic.averageSeconds',
    'Setting it chooses plain mode. 15 when not set.',
  ),
  honoured(
    'speed_calculation_delay',
    'number',
    'traffic.speedSeconds',
    'Setting it chooses plain mode. 1 when not set.',
  ),
  honoured('check_period', 'number', 'screen.redrawSeconds'),
  honoured('sort_parameter', 'choice', 'screen.sort'),
  honoured('max_ips_in_list', 'number', 'screen.rows'),
  honoured('cli_stats_file_path', 'path', 'screen.files.ipv4', 'When not set, /tmp/fastnetmon.dat.'),
  honoured(
    'cli_stats_ipv6_file_path',
    'path',
    'screen.files.ipv6',
    'When not set, /tmp/fastnetmon_ipv6.dat. Bans of IPv6 hosts are listed in it.',
  ),

  // Capture.
  honoured('interfaces', 'list', 'capture.interfaces'),
  honoured('mirror_afpacket', 'switch', 'capture.method'),
  honoured(
    'mirror',
    'switch',
    'capture.method',
    'PF_RING is not used; the same frames come from our AF_PACKET ring.',
  ),
  honoured(
    'pcap',
    'switch',
    'capture.method',
    'libpcap is not used; the same frames come from our AF_PACKET ring.',
  ),
  honoured('mirror_af_packet_custom_sampling_rate', 'number', 'capture.samplingRate'),
  honoured('mirror_af_packet_fanout_mode', 'choice', 'capture.fanout'),
  honoured('af_packet_read_packet_length_from_ip_header', 'switch', 'capture.length'),
  honoured(
    'mirror_afxdp',
    'switch',
    'capture.method',
    'AF_XDP is not used: it takes the frames away from the network stack. The same frames come from our AF_PACKET ring.',
  ),
  honoured('xdp_read_packet_length_from_ip_header', 'switch', 'capture.length', 'With mirror_afxdp.'),
  ...whileOn('mirror_afxdp', 'never', [
    'poll_mode_xdp',
    'xdp_set_promisc',
    'zero_copy_xdp',
    'force_native_mode_xdp',
    'microcode_xdp_path',
  ]),
  never(
    'mirror_netmap',
    'switch',
    'netmap belongs to FreeBSD; set mirror_afpacket = on, whose ring drops nothing at these rates',
  ),
  ...whileOn('mirror_netmap', 'never', ['netmap_sampling_ratio', 'netmap_read_packet_length_from_ip_header']),
  honoured('sflow', 'switch', 'telemetry.listen', 'Any of the protocols is taken on any of the ports.'),
  honoured('sflow_port', 'list', 'telemetry.listen', '6343 when not set.'),
  honoured('sflow_host', 'text', 'telemetry.listen', '0.0.0.0 when not set.'),
  honoured('sflow_read_packet_length_from_ip_header', 'switch', 'telemetry.length'),
  ...whileOn('sflow', 'never', ['sflow_lua_hooks_path']),
  honoured('netflow', 'switch', 'telemetry.listen', 'NetFlow v5, v9 and IPFIX.'),
  honoured('netflow_port', 'list', 'telemetry.listen', '2055 when not set.'),
  honoured('netflow_host', 'text', 'telemetry.listen', '0.0.0.0 when not set.'),
  honoured(
    'netflow_sampling_ratio',
    'number',
    'telemetry.fallbackSamplingRate',
    'Until an exporter tells its rate; here for NetFlow v5 too.',
  ),
  ...whileOn('netflow', 'never', ['netflow_divide_counters_on_interval_length', 'netflow_lua_hooks_path']),

  // Announcements.
  ...announced('exabgp', EXABGP_ROWS),
  ...whileOn('exabgp', 'later', ['exabgp_flow_spec_announces']),
  ...announced('gobgp', GOBGP_ROWS),

  // Numbers for others.
  honoured('prometheus', 'switch', 'metrics.listen', 'When not set, the endpoint listens on 127.0.0.1.'),
  honoured('prometheus_host', 'text', 'metrics.listen', '127.0.0.1 when not set.'),
  honoured('prometheus_port', 'number', 'metrics.listen', '9209 when not set.'),
  honoured(
    'redis_enabled',
    'choice',
    'export.redis.server',
    'Off when not set; yes is on too. Written when a ban is acted on, IPv6 as well.',
  ),
  honoured('redis_host', 'text', 'export.redis.server', '127.0.0.1 when not set.'),
  honoured('redis_port', 'number', 'export.redis.server', '6379 when not set.'),
  honoured('redis_prefix', 'text', 'export.redis.prefix'),
  never(
    'mongodb_enabled',
    'switch',
    'MongoDB is not written to; take the JSON report of the notify script, or floodwarden attacks --json',
  ),
  ...whileOn('mongodb_enabled', 'never', ['mongodb_host', 'mongodb_port', 'mongodb_database_name']),
  honoured(
    'graphite',
    'switch',
    'export.graphite.server',
    'Off when not set. IPv4 only, as FastNetMon does.',
  ),
  honoured('graphite_host', 'text', 'export.graphite.server', '127.0.0.1 when not set. A name will do.'),
  honoured('graphite_port', 'number', 'export.graphite.server', '2003 when not set.'),
  honoured('graphite_prefix', 'text', 'export.graphite.prefix', 'fastnetmon when not set.'),
  honoured('graphite_push_period', 'number', 'export.graphite.everySeconds', '1 when not set.'),
  honoured('influxdb', 'switch', 'export.influxdb.server', 'Off when not set. InfluxDB 1.x.'),
  honoured('influxdb_host', 'text', 'export.influxdb.server', '127.0.0.1 when not set. A name will do.'),
  honoured('influxdb_port', 'number', 'export.influxdb.server', '8086 when not set.'),
  honoured('influxdb_database', 'text', 'export.influxdb.database', 'fastnetmon when not set.'),
  honoured('influxdb_auth', 'switch', 'export.influxdb.user', 'Off when not set.'),
  honoured('influxdb_user', 'text', 'export.influxdb.user', 'fastnetmon when not set, with influxdb_auth.'),
  honoured('influxdb_password', 'text', 'export.influxdb.password', 'With influxdb_auth. Shown nowhere.'),
  honoured('influxdb_push_period', 'number', 'export.influxdb.everySeconds', '1 when not set.'),
  honoured(
    'clickhouse_metrics',
    'switch',
    'export.clickhouse.server',
    'Off when not set. Over HTTP, in the same tables.',
  ),
  honoured(
    'clickhouse_metrics_host',
    'text',
    'export.clickhouse.server',
    '127.0.0.1 when not set. A name will do.',
  ),
  honoured(
    'clickhouse_metrics_port',
    'number',
    'export.clickhouse.server',
    '9000, also when not set, becomes 8123: HTTP is spoken.',
  ),
  honoured('clickhouse_metrics_database', 'text', 'export.clickhouse.database', 'fastnetmon when not set.'),
  honoured('clickhouse_metrics_username', 'text', 'export.clickhouse.user', 'default when not set.'),
  honoured('clickhouse_metrics_password', 'text', 'export.clickhouse.password', 'Shown nowhere.'),
  honoured('clickhouse_metrics_push_period', 'number', 'export.clickhouse.everySeconds', '1 when not set.'),
  never(
    'kafka_traffic_export',
    'switch',
    'packets are not sent to Kafka; take the JSON report for attacks, and Prometheus or InfluxDB for speeds',
  ),
  ...whileOn('kafka_traffic_export', 'never', [
    'kafka_traffic_export_topic',
    'kafka_traffic_export_format',
    'kafka_traffic_export_brokers',
  ]),

  // Old words.
  old('ban_status_updates', 'switch', 'floodwarden bans shows who is banned'),
  old('notify_script_format', 'choice', 'the script gets the text that 1.2.4 gives it'),
  old('enable_subnet_counters', 'switch', 'networks are always counted'),
  old('average_calculation_time_for_subnets', 'number', 'averages of networks take the time of hosts'),
  old('enable_pf_ring_zc_mode', 'switch', 'PF_RING is not used, our AF_PACKET ring copies nothing'),
  old('pfring_sampling_ratio', 'number', 'set mirror_af_packet_custom_sampling_rate'),
  old('graphite_number_of_ips', 'number', 'all hosts with traffic are sent'),
  old('sflow_qinq_process', 'switch', 'stacked VLAN tags are always read'),
  old('sflow_qinq_ethertype', 'number', 'stacked VLAN tags are read whichever of their types they have'),
  old('mirror_snabbswitch', 'switch', 'set mirror_afpacket = on'),
  old('interfaces_snabbswitch', 'list', 'set interfaces'),
  old(
    'process_pcap_attack_dumps_with_dpi',
    'switch',
    'the vectors of an attack are found from its packets without it',
  ),
]

export const OPTION_BY_NAME: ReadonlyMap<string, ConfOption> = new Map(
  OPTIONS.map(option => [option.name, option]),
)
