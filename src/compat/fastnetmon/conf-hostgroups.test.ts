import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages, read, setting } from './conf-for-tests.ts'

test('what a hostgroup does not set it has from the general policy, key by key', () => {
  const text = `ban_for_pps = on
threshold_pps = 100
ban_for_flows = on
threshold_flows = 7
threshold_mbps = 50
web_ban_for_udp_pps = on
web_ban_for_flows = off
web_ban_for_bandwidth = on
hostgroup = web:10.1.0.0/24,10.2.0.0/24
hostgroup = dark:10.3.0.0/24
web_enable_ban = on
web_threshold_udp_pps = 30000
dark_enable_ban = off
dark_threshold_pps = 5
`
  const web = {
    packetsPerSecond: 100,
    flowsPerSecond: 'off',
    udp: { packetsPerSecond: 30_000 },
    megabitsPerSecond: 50,
  }
  const dark = { packetsPerSecond: 5, flowsPerSecond: 7 }

  assert.deepEqual(setting(text, 'hostgroups'), {
    web: {
      networks: ['10.1.0.0/24', '10.2.0.0/24'],
      enableBan: true,
      inherit: false,
      thresholds: { incoming: web, outgoing: web },
    },
    dark: {
      networks: ['10.3.0.0/24'],
      enableBan: false,
      inherit: false,
      thresholds: { incoming: dark, outgoing: dark },
    },
  })
})

test('what a hostgroup inherits is told with what FastNetMon would do', () => {
  const general = 'enable_ban = on\nban_for_pps = on\nthreshold_pps = 100\n'
  const inherits = (text: string) =>
    read(general + text)
      .problems.filter(({ code }) => code === 'fastnetmon-hostgroup-inherits')
      .map(({ line, severity, message }) => `${line} ${severity} ${message}`)

  assert.deepEqual(inherits('hostgroup = web:10.1.0.0/24\n'), [
    '4 warning hostgroup web: enable_ban, ban_for_pps are not set, so the general values hold; FastNetMon would ban none of its hosts',
  ])
  assert.deepEqual(inherits('hostgroup = web:10.1.0.0/24\nweb_enable_ban = on\nweb_ban_for_pps = on\n'), [
    '4 notice hostgroup web: threshold_pps is not set, so the general values hold; FastNetMon would not apply them',
  ])
  const full = 'web_enable_ban = on\nweb_ban_for_pps = on\nweb_threshold_pps = 3\n'
  assert.deepEqual(inherits(`hostgroup = web:10.1.0.0/24\n${full}`), [])
})

test('SYN and fragments have limits in the words of Advanced, for all hosts and for groups', () => {
  const text = `ban_for_tcp_syn_pps = on
threshold_tcp_syn_pps = 10
hostgroup = web:2001:db8::/48, 10.1.0.0/24
web_enable_ban = on
web_ban_for_ip_fragments_bandwidth = on
web_threshold_ip_fragments_mbps = 3
`

  assert.deepEqual(setting(text, 'detection.thresholds.incoming'), { syn: { packetsPerSecond: 10 } })
  assert.deepEqual(setting(text, 'hostgroups.web.thresholds.incoming'), {
    syn: { packetsPerSecond: 10 },
    fragments: { megabitsPerSecond: 3 },
  })
  assert.deepEqual(setting(text, 'hostgroups.web.networks'), ['2001:db8::/48', '10.1.0.0/24'])
  assert.deepEqual(messages(text, 'fastnetmon-spaces'), [
    '3:13 hostgroup: FastNetMon does not understand spaces in "web:2001:db8::/48, 10.1.0.0/24"; here they do not count',
  ])
})

test('hostgroups that cannot be used are named and left out', () => {
  const text = `hostgroup = a:10.1.0.0/24
hostgroup = a:10.2.0.0/24
hostgroup = b:10.1.0.0/24
hostgroup = c:2001:db8::/32
hostgroup = d
hostgroup = e:10.4.0.0/24,nonsense
hostgroup = f:10.5.0.0/24 10.6.0.0/24
`

  assert.deepEqual(Object.keys(Object(setting(text, 'hostgroups'))), ['a', 'c', 'e'])
  assert.deepEqual(
    read(text)
      .problems.filter(problem => problem.code === 'fastnetmon-hostgroup')
      .map(problem => `${problem.line} ${problem.message}`),
    [
      '2 the hostgroup a exists already; this one is left out',
      '3 10.1.0.0/24 belongs to a hostgroup already, which keeps it',
      '3 the hostgroup b has no prefix and is left out',
      '5 expected name:prefix,prefix, found "d"; the hostgroup is left out',
      '6 expected a prefix such as 192.0.2.0/24, found "nonsense"; it is left out',
      '7 expected a prefix such as 192.0.2.0/24, found "10.5.0.0/24 10.6.0.0/24"; it is left out',
      '7 the hostgroup f has no prefix and is left out',
    ],
  )
})

test('where a hostgroup matches other hosts than in FastNetMon is said', () => {
  const lists = { '/etc/networks_list': '10.0.0.0/8\n10.2.0.0/24\n10.2.0.9/32\n10.3.0.0/24\n' }
  const text = 'hostgroup = a:10.1.0.0/24\nhostgroup = b:10.2.0.0/24\nhostgroup = c:10.3.0.0/24\n'

  assert.deepEqual(messages(text, 'fastnetmon-hostgroup-match', lists), [
    '1:13 hostgroup a: FastNetMon ignores 10.1.0.0/24, which is not itself in the networks list (only 10.0.0.0/8); here it holds',
    '2:13 hostgroup b: in FastNetMon 10.2.0.9/32 inside 10.2.0.0/24 has the general limits; here it has those of the group',
  ])
})
