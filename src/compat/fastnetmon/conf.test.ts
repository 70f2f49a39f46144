import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readConf } from './conf.ts'
import { CAPTURE, messages, read, said, setting } from './conf-for-tests.ts'
import type { OutsideOfConf } from './conf-section.ts'

test('the nine limits come from their switches and thresholds, alike in both directions', () => {
  const text = `ban_for_pps = on
ban_for_bandwidth = on
ban_for_flows = off
ban_for_tcp_pps = on
ban_for_udp_bandwidth = on
ban_for_icmp_pps = on
ban_for_icmp_bandwidth = on
threshold_pps = 20000
threshold_mbps = 1000
threshold_flows = 3500
threshold_tcp_pps = 1
threshold_udp_mbps = 2
threshold_icmp_pps = 3
threshold_icmp_mbps = 4
`
  const limits = {
    packetsPerSecond: 20_000,
    megabitsPerSecond: 1_000,
    tcp: { packetsPerSecond: 1 },
    udp: { megabitsPerSecond: 2 },
    icmp: { packetsPerSecond: 3, megabitsPerSecond: 4 },
  }

  assert.deepEqual(setting(text, 'detection.thresholds'), { incoming: limits, outgoing: limits })
  assert.deepEqual(setting(`${text}process_outgoing_traffic = off`, 'detection.thresholds.outgoing'), {})
})

test('a limit whose threshold is missing or zero is left out rather than banning everybody', () => {
  const text = `${CAPTURE}ban_for_pps = on\nban_for_flows = on\nthreshold_flows = none\n`

  assert.deepEqual(setting(text, 'detection.thresholds.incoming'), {})
  assert.deepEqual(messages(text, 'fastnetmon-zero-limit'), [
    '3:15 ban_for_pps is on and threshold_pps is not set: the limit is left out',
    '5:19 ban_for_flows is on and threshold_flows is 0: the limit is left out',
  ])
})

test('numbers are read up to the first character that is no digit, and that is said', () => {
  const text = 'ban_time = 30s\nban_details_records_count = 50000\nmax_ips_in_list = seven\n'

  assert.equal(setting(text, 'detection.banSeconds'), 30)
  assert.equal(setting(text, 'evidence.packets'), 10_000)
  assert.equal(setting(text, 'screen.rows'), 1)
  assert.deepEqual(messages(text, 'fastnetmon-number'), [
    '1:12 ban_time: "30s" is read as 30',
    '2:29 ban_details_records_count: "50000" is read as 10000 (possible are 0 to 10000)',
    '3:19 max_ips_in_list: "seven" is read as 1 (possible are 1 to 1000)',
  ])
})

test('only on is on', () => {
  const text = 'enable_ban = yes\nprocess_incoming_traffic = on # both\n'

  assert.equal(setting(text, 'mitigation.armed'), false)
  assert.equal(setting(text, 'traffic.incoming'), false)
  assert.deepEqual(messages(text, 'fastnetmon-switch'), [
    '1:14 enable_ban: "yes" is not on, so it is off',
    '2:28 process_incoming_traffic: "on # both" is not on, so it is off',
  ])
})

test('what FastNetMon takes when a key is missing is taken here too', () => {
  const text = ''

  assert.equal(setting(text, 'mitigation.armed'), false)
  assert.equal(setting(text, 'detection.banSeconds'), 1800)
  assert.equal(setting(text, 'detection.enableIpv6'), false)
  assert.equal(setting(text, 'detection.mode'), 'budget')
  assert.equal(setting(text, 'evidence.packets'), 50)
  assert.equal(setting(text, 'traffic.averageSeconds'), 15)
  assert.equal(setting(text, 'screen.sort'), 'bytes')
  assert.deepEqual(setting(text, 'networks'), ['10.0.0.0/8', 'own'])
})

test('enable_ban = on is an order for exactly the script; otherwise the file reports only', () => {
  const text = 'notify_script_path = /opt/notify\n'

  assert.equal(read(`${text}enable_ban = on`).isOrdered, true)
  assert.equal(setting(`${text}enable_ban = on`, 'enforcement.notifyScript.path'), '/opt/notify')
  assert.equal(read(`${text}enable_ban = off`).isOrdered, false)
  assert.equal(setting(`${text}enable_ban = off`, 'enforcement.notifyScript.path'), undefined)
  assert.ok(said(`${text}enable_ban = off`).includes('f.conf:2 notice fastnetmon-report-only'))
})

test('the usual script is called when none is named and it exists', () => {
  const usual = { '/usr/local/bin/notify_about_attack.sh': '' }

  assert.equal(setting('enable_ban = on', 'enforcement.notifyScript.path', usual), Object.keys(usual)[0])
  assert.equal(setting('enable_ban = on', 'enforcement.notifyScript.path'), undefined)
  assert.ok(said('enable_ban = on').includes('f.conf:0 warning fastnetmon-no-script'))
})

test('setting one of the two times of the average chooses plain mode and says how to leave it', () => {
  const [notice] = read('speed_calculation_delay = 2').problems.filter(
    problem => problem.code === 'fastnetmon-plain-mode',
  )

  assert.equal(setting('average_calculation_time = 5', 'detection.mode'), 'plain')
  assert.equal(setting('speed_calculation_delay = 2', 'traffic.speedSeconds'), 2)
  assert.equal(notice?.severity, 'notice')
  assert.match(notice?.hint ?? '', /--detection budget/)
})

test('connection tracking switches flows off, and nothing else', () => {
  assert.equal(setting('enable_connection_tracking = off', 'traffic.flows'), 'off')
  assert.equal(setting('enable_connection_tracking = on', 'traffic.flows'), undefined)
})

test('pcap and mirror capture through our ring', () => {
  for (const engine of ['mirror_afpacket', 'mirror', 'pcap']) {
    assert.equal(setting(`${engine} = on\ninterfaces = eth0`, 'capture.method'), 'af-packet')
  }
  assert.deepEqual(setting('pcap = on\ninterfaces = eth0, eth1,any', 'capture.interfaces'), ['eth0', 'eth1'])
  assert.equal(setting('sflow = on\ninterfaces = eth0', 'capture.method'), 'off')
  assert.ok(said('interfaces = eth0').includes('f.conf:0 warning fastnetmon-no-capture'))
})

test('details of capture keep their meaning', () => {
  const text = `${CAPTURE}mirror_af_packet_custom_sampling_rate = 10
mirror_af_packet_fanout_mode = queue_mapping
af_packet_read_packet_length_from_ip_header = on
collect_attack_pcap_dumps = on
`

  assert.deepEqual(setting(text, 'capture'), {
    method: 'af-packet',
    interfaces: ['eth0'],
    samplingRate: 10,
    fanout: 'queue_mapping',
    length: 'ip',
    snapBytes: 1500,
  })
  assert.deepEqual(messages('mirror_af_packet_fanout_mode = numa', 'fastnetmon-choice'), [
    '1:32 mirror_af_packet_fanout_mode: expected one of cpu, lb, hash, random, rollover, queue_mapping, found "numa"; cpu is used',
  ])
})

test('the metrics endpoint follows prometheus, its host and its port', () => {
  assert.equal(setting('', 'metrics.listen'), '127.0.0.1:9209')
  assert.equal(setting('prometheus = off\nprometheus_port = 1', 'metrics.listen'), 'off')
  assert.equal(setting('prometheus_host = ::1\nprometheus_port = 9999', 'metrics.listen'), '[::1]:9999')
})

test('the lists are read with comments, and each prefix knows its line', () => {
  const files = {
    '/n': '# ours\n10.0.0.0/24 # office\n\n2001:db8::/32\n10.0.1.7\nnonsense\n',
    '/w': '10.0.0.53/32\n',
  }
  const text = 'networks_list_path = /n\nwhite_list_path = /w\nmonitor_local_ip_addresses = off\n'
  const source = read(text, files)

  assert.deepEqual(setting(text, 'networks', files), ['10.0.0.0/24', '2001:db8::/32', '10.0.1.7'])
  assert.deepEqual(setting(text, 'whitelist', files), ['10.0.0.53/32'])
  assert.deepEqual(source.locate(['networks', 1], 'value'), { file: '/n', line: 4, column: 1 })
  assert.deepEqual(
    source.problems
      .filter(problem => problem.file === '/n')
      .map(problem => `${problem.line} ${problem.message}`),
    [
      '5 10.0.1.7 has no length and counts as one host (FastNetMon leaves it out)',
      '6 expected a prefix such as 192.0.2.0/24 or 2001:db8::/32, found "nonsense"; the line is left out',
    ],
  )
})

test('a list that is missing is empty; one that cannot be read refuses the file', () => {
  const unreadable: OutsideOfConf = {
    exists: () => false,
    readList: () => ({ kind: 'failed', error: 'this user may not read it' }),
  }

  assert.ok(said('white_list_path = /none').includes('f.conf:1 warning fastnetmon-list-unreadable'))
  assert.ok(!said('').some(line => line.includes('list-unreadable')))
  assert.equal(
    readConf('', 'f.conf', unreadable).problems.filter(problem => problem.severity === 'error').length,
    3,
  )
})

test('nothing to watch refuses the file', () => {
  const none = { '/etc/networks_list': '# nothing yet\n' }

  assert.ok(said('monitor_local_ip_addresses = off', none).includes('f.conf:0 error fastnetmon-no-network'))
})

test('options that are not carried are named once each with what to take instead, and only when they are switched on', () => {
  const text = `${CAPTURE}mongodb_enabled = on
mongodb_host = 192.0.2.1
kafka_traffic_export = off
kafka_traffic_export_topic = x
dump_all_traffic = on
disable_usage_report = on
pid_path = /run/x.pid
mirror_netmap = on
process_pcap_attack_dumps_with_dpi = on
`

  assert.deepEqual(
    messages(text, 'fastnetmon-not-carried').map(message => message.replace(/: .*/, '')),
    [
      '3:19 mongodb_enabled = on is not carried',
      '7:20 dump_all_traffic = on is not carried',
      '10:17 mirror_netmap = on is not carried',
      '11:38 process_pcap_attack_dumps_with_dpi = on is not carried',
    ],
  )
  assert.match(messages(text, 'fastnetmon-not-carried')[0] ?? '', /JSON report/)
  assert.equal(setting(text, 'process.pidFile'), '/run/x.pid')
})

test('unknown keys find the nearest known one; those of a missing hostgroup are named together', () => {
  const source = read(
    'treshold_pps = 5\nmy_hosts_enable_ban = on\nmy_hosts_threshold_pps = 5\nhostgroup = web:10.1.0.0/24\nweb_treshold_pps = 1\n',
  )
  const unknown = source.problems.filter(problem => problem.code === 'fastnetmon-unknown-key')

  assert.deepEqual(
    unknown.map(({ line, message, hint }) => [line, message, hint]),
    [
      [1, 'unknown key "treshold_pps"; it is ignored', 'did you mean threshold_pps?'],
      [5, 'unknown key "web_treshold_pps"; it is ignored', 'did you mean web_threshold_pps?'],
      [
        2,
        'my_hosts_enable_ban and 1 more: there is no hostgroup "my_hosts"',
        'define it with hostgroup = my_hosts:PREFIX',
      ],
    ],
  )
})

test('odd lines are ignored as FastNetMon ignores them, and repeated keys are decided by the last', () => {
  const text =
    'ban_time\nnotify_script_path = /a?x=1\nban_time = 5\n  # indented comment\nban_time = 6\n = 3\n'

  assert.equal(setting(text, 'detection.banSeconds'), 6)
  assert.deepEqual(messages(text, 'fastnetmon-line'), [
    '1:1 expected key = value, found "ban_time"; the line is ignored',
    '2:1 expected key = value, found "notify_script_path = /a?x=1"; the line is ignored: a value may not hold another =',
    '6:2 expected key = value, found "= 3"; the line is ignored',
  ])
  assert.deepEqual(messages(text, 'fastnetmon-repeated-key'), [
    '5:12 ban_time was set on line 3; this line counts',
  ])
})

test('a setting finds the line of the option it came from', () => {
  const source = read(
    'ban_time = 5\nban_for_flows = on\nthreshold_flows = 9\nhostgroup = web:10.1.0.0/24\nweb_ban_for_pps = on\nweb_threshold_pps = 8\n',
  )
  const lineOf = (...path: string[]) => source.locate(path, 'value').line

  assert.equal(lineOf('detection', 'banSeconds'), 1)
  assert.equal(lineOf('detection', 'thresholds', 'incoming', 'flowsPerSecond'), 3)
  assert.equal(lineOf('hostgroups', 'web', 'thresholds', 'outgoing', 'packetsPerSecond'), 6)
  assert.equal(source.locate(['hostgroups', 'web', 'networks', 0], 'value').line, 4)
  assert.equal(lineOf('mitigation', 'armed'), 0)
})

test('nothing that a file says is thrown', () => {
  const piece = fc.constantFrom(
    'ban_time',
    'hostgroup',
    ' = ',
    '=',
    '\n',
    'on',
    'off',
    'a:10.0.0.0/8',
    ',',
    '#',
    '99999999999',
    '-1',
    '\0',
    'a_threshold_pps',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const source = read(pieces.join(''))
      assert.ok(source.problems.every(problem => problem.message !== ''))
    }),
  )
})
