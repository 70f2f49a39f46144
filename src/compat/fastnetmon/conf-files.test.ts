// Screen files, files of attacks and the syslog as a fastnetmon.conf sets them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFiles } from './conf-files.ts'
import { readConfLines } from './conf-lines.ts'
import type { OutsideOfConf } from './conf-section.ts'
import { ConfValues } from './conf-values.ts'

const OUTSIDE: OutsideOfConf = { exists: () => false, readList: () => ({ kind: 'missing' }) }

function read(text: string) {
  const values = new ConfValues(readConfLines(text, 'f.conf').lines, 'f.conf')
  const part = readFiles({ values, outside: OUTSIDE, isOrdered: true })
  return { part, problems: values.problems.map(({ code, line }) => `${code} ${line}`) }
}

test('without a word FastNetMon writes its screens and a text file for each attack', () => {
  const { part, problems } = read('')

  assert.deepEqual(part.screen.files, { ipv4: '/tmp/fastnetmon.dat', ipv6: '/tmp/fastnetmon_ipv6.dat' })
  assert.deepEqual(part.evidence.files, { directory: '/var/log/fastnetmon_attacks', pcap: false })
  assert.equal(part.log.syslog?.remote, 'off')
  assert.equal(part.log.syslog?.local, false)
  assert.deepEqual(problems, [])
})

test('each option has its place, IPv6 servers get brackets', () => {
  const { part, problems } = read(`collect_attack_pcap_dumps = on
cli_stats_file_path = /run/v4.dat
cli_stats_ipv6_file_path = v6.dat
logging_local_syslog_logging = on
logging_remote_syslog_logging = on
logging_remote_syslog_server = 2001:db8::5
logging_remote_syslog_port = 514
`)

  assert.deepEqual(part.screen.files, { ipv4: '/run/v4.dat', ipv6: '/tmp/fastnetmon_ipv6.dat' })
  assert.equal(part.evidence.files?.pcap, true)
  assert.deepEqual(part.log.syslog, {
    ident: 'fastnetmon',
    local: true,
    remote: '[2001:db8::5]:514',
    remoteForm: 'rfc3164',
  })
  assert.deepEqual(problems, ['fastnetmon-path 3'])
})

test('a remote syslog without a server or without a port is named, and off', () => {
  const noPort = read('logging_remote_syslog_logging = on\nlogging_remote_syslog_server = 192.0.2.1\n')
  const noServer = read('logging_remote_syslog_logging = on\nlogging_remote_syslog_server = syslog.example\n')

  assert.deepEqual([noPort.part.log.syslog?.remote, noPort.problems], ['off', ['fastnetmon-syslog 1']])
  assert.deepEqual([noServer.part.log.syslog?.remote, noServer.problems], ['off', ['fastnetmon-syslog 2']])
})
