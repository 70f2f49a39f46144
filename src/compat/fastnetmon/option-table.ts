// Every option of fastnetmon.conf (FastNetMon 1.1, 1.2.4 and later) and what becomes of it here.

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
const later = notCarried('later')
const never = notCarried('never')

/** Options that mean something only while their switch is on; the switch is the one that is warned about. */
const whileOn = (onlyWith: string, state: 'later' | 'never', names: readonly string[]): ConfOption[] =>
  names.map(name => ({ name, kind: 'text', state, setting: '', onlyWith, note: `belongs to ${onlyWith}` }))

const old = (name: string, kind: OptionKind): ConfOption =>
  never(name, kind, 'an option of FastNetMon 1.1 or Advanced that FastNetMon 1.2.4 does not read either')

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
  later(
    'logging_local_syslog_logging',
    'switch',
    'write to the local syslog; the journal of systemd takes our output',
  ),
  later('logging_remote_syslog_logging', 'switch', 'write to a remote syslog'),
  ...whileOn('logging_remote_syslog_logging', 'later', [
    'logging_remote_syslog_server',
    'logging_remote_syslog_port',
  ]),
  honoured('disable_usage_report', 'switch', '', 'Nothing is ever sent to anybody.'),
  never(
    'pid_path',
    'path',
    'the supervisor knows our process, and a second daemon on one state directory is refused',
  ),
  never('dump_all_traffic', 'switch', 'no packet is written to the log; use tcpdump'),
  never(
    'dump_other_traffic',
    'switch',
    'no packet is written to the log; top shows how much other traffic there is',
  ),
  later(
    'enable_api',
    'switch',
    'the gRPC API of FastNetMon; floodwarden bans, ban and unban use the control socket',
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
    'capture.snapBytes',
    'Packets are kept whole; pcap files come with a later version.',
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
  honoured('hostgroup', 'hostgroup', 'hostgroups', 'Its policy replaces the general one completely.'),

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
  never('cli_stats_file_path', 'path', 'floodwarden top asks the daemon; there is no screen file'),
  never('cli_stats_ipv6_file_path', 'path', 'floodwarden top asks the daemon; there is no screen file'),

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
  later('mirror_afxdp', 'switch', 'AF_XDP; until then the same frames come from our AF_PACKET ring'),
  ...whileOn('mirror_afxdp', 'later', [
    'poll_mode_xdp',
    'xdp_set_promisc',
    'zero_copy_xdp',
    'force_native_mode_xdp',
    'xdp_read_packet_length_from_ip_header',
    'microcode_xdp_path',
  ]),
  never('mirror_netmap', 'switch', 'netmap is for FreeBSD'),
  ...whileOn('mirror_netmap', 'never', ['netmap_sampling_ratio', 'netmap_read_packet_length_from_ip_header']),
  later('sflow', 'switch', 'nothing listens for sFlow yet'),
  ...whileOn('sflow', 'later', [
    'sflow_port',
    'sflow_host',
    'sflow_read_packet_length_from_ip_header',
    'sflow_lua_hooks_path',
  ]),
  later('netflow', 'switch', 'nothing listens for NetFlow and IPFIX yet'),
  ...whileOn('netflow', 'later', [
    'netflow_port',
    'netflow_host',
    'netflow_sampling_ratio',
    'netflow_divide_counters_on_interval_length',
    'netflow_lua_hooks_path',
  ]),

  // Announcements.
  later('exabgp', 'switch', 'nothing is announced by ExaBGP yet'),
  ...whileOn('exabgp', 'later', [
    'exabgp_command_pipe',
    'exabgp_next_hop',
    'exabgp_community',
    'exabgp_community_host',
    'exabgp_community_subnet',
    'exabgp_announce_host',
    'exabgp_announce_whole_subnet',
    'exabgp_flow_spec_announces',
  ]),
  later('gobgp', 'switch', 'nothing is announced by GoBGP yet'),
  ...whileOn('gobgp', 'later', [
    'gobgp_next_hop',
    'gobgp_next_hop_ipv6',
    'gobgp_next_hop_host_ipv4',
    'gobgp_next_hop_subnet_ipv4',
    'gobgp_next_hop_host_ipv6',
    'gobgp_next_hop_subnet_ipv6',
    'gobgp_announce_host',
    'gobgp_announce_whole_subnet',
    'gobgp_announce_host_ipv6',
    'gobgp_announce_whole_subnet_ipv6',
    'gobgp_community_host',
    'gobgp_community_subnet',
    'gobgp_community_host_ipv6',
    'gobgp_community_subnet_ipv6',
  ]),

  // Numbers for others.
  honoured('prometheus', 'switch', 'metrics.listen', 'When not set, the endpoint listens on 127.0.0.1.'),
  honoured('prometheus_host', 'text', 'metrics.listen', '127.0.0.1 when not set.'),
  honoured('prometheus_port', 'number', 'metrics.listen', '9209 when not set.'),
  later('redis_enabled', 'switch', 'nothing is written to Redis yet'),
  ...whileOn('redis_enabled', 'later', ['redis_host', 'redis_port', 'redis_prefix']),
  later('mongodb_enabled', 'switch', 'nothing is written to MongoDB yet'),
  ...whileOn('mongodb_enabled', 'later', ['mongodb_host', 'mongodb_port', 'mongodb_database_name']),
  later('graphite', 'switch', 'nothing is sent to Graphite yet'),
  ...whileOn('graphite', 'later', [
    'graphite_host',
    'graphite_port',
    'graphite_prefix',
    'graphite_push_period',
    'graphite_number_of_ips',
  ]),
  later('influxdb', 'switch', 'nothing is sent to InfluxDB yet'),
  ...whileOn('influxdb', 'later', [
    'influxdb_host',
    'influxdb_port',
    'influxdb_database',
    'influxdb_auth',
    'influxdb_user',
    'influxdb_password',
    'influxdb_push_period',
  ]),
  later('clickhouse_metrics', 'switch', 'nothing is written to ClickHouse yet'),
  ...whileOn('clickhouse_metrics', 'later', [
    'clickhouse_metrics_database',
    'clickhouse_metrics_username',
    'clickhouse_metrics_password',
    'clickhouse_metrics_host',
    'clickhouse_metrics_port',
    'clickhouse_metrics_push_period',
  ]),
  later('kafka_traffic_export', 'switch', 'nothing is sent to Kafka yet'),
  ...whileOn('kafka_traffic_export', 'later', [
    'kafka_traffic_export_topic',
    'kafka_traffic_export_format',
    'kafka_traffic_export_brokers',
  ]),

  // Old words.
  old('ban_status_updates', 'switch'),
  old('notify_script_format', 'choice'),
  old('enable_subnet_counters', 'switch'),
  old('average_calculation_time_for_subnets', 'number'),
  old('enable_pf_ring_zc_mode', 'switch'),
  old('pfring_sampling_ratio', 'number'),
  old('mirror_snabbswitch', 'switch'),
  old('interfaces_snabbswitch', 'list'),
  old('process_pcap_attack_dumps_with_dpi', 'switch'),
]

export const OPTION_BY_NAME: ReadonlyMap<string, ConfOption> = new Map(
  OPTIONS.map(option => [option.name, option]),
)
