import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { reportSchema } from '#5-evidence/report-json.ts'
import { encodeCall, inheritedEnvironment } from './encode.ts'

const STYLE = { recordCount: 5, addressForm: 'canonical', localTime: String } as const
const BRIEFING = {
  attack: exampleAttack({ power: 40_000.7 }),
  flows: exampleFlows(3),
  packets: examplePackets(2),
}

test('the arguments are address, direction, power and action, the same power for all actions', () => {
  const attack = exampleAttack({ power: 27_421.9, peak: 99_999, direction: 'outgoing' })
  const briefing = { ...BRIEFING, attack }

  assert.deepEqual(encodeCall('ban', briefing, STYLE).argv, ['192.0.2.1', 'outgoing', '27421', 'ban'])
  assert.deepEqual(encodeCall('attack_details', briefing, STYLE).argv, [
    '192.0.2.1',
    'outgoing',
    '27421',
    'attack_details',
  ])
  assert.deepEqual(encodeCall('unban', briefing, STYLE).argv, ['192.0.2.1', 'outgoing', '27421', 'unban'])
})

test('an IPv6 address is padded on request', () => {
  const briefing = { ...BRIEFING, attack: exampleAttack({ host: '2001:db8:99::1', family: 6 }) }

  assert.equal(encodeCall('ban', briefing, STYLE).argv[0], '2001:db8:99::1')
  assert.equal(
    encodeCall('ban', briefing, { ...STYLE, addressForm: 'padded' }).argv[0],
    '2001:0db8:0099::0001',
  )
})

test('ban reads counters and flows, attack_details counters and packets, unban nothing', () => {
  const ban = encodeCall('ban', BRIEFING, STYLE).stdin
  const details = encodeCall('attack_details', BRIEFING, STYLE).stdin

  assert.match(ban ?? '', /^IP: 192\.0\.2\.1\n(.*\n)*UDP flows: 3000\n/)
  assert.match(
    details ?? '',
    /^IP: 192\.0\.2\.1\n(.*\n)*\n\n\d+ 198\.51\.100\.1:1024 > 192\.0\.2\.1:80 protocol: udp/,
  )
  assert.equal(encodeCall('unban', BRIEFING, STYLE).stdin, undefined)
})

test('a short ban is its counters', () => {
  const ban = encodeCall('ban', BRIEFING, STYLE).stdin ?? ''
  const short = encodeCall('ban', BRIEFING, STYLE, 'short').stdin ?? ''

  assert.equal(ban.startsWith(short), true)
  assert.match(short, /outgoing traffic: 0\.0 bytes \n$/)
})

test('the environment tells which limit was crossed, and is empty but set for a manual ban', () => {
  const manual = exampleAttack({ origin: 'manual', crossing: undefined, hostgroup: 'dns' })

  assert.deepEqual(encodeCall('ban', BRIEFING, STYLE).env, {
    FLOODWARDEN_ATTACK_ID: 'example-1',
    FLOODWARDEN_HOSTGROUP: 'global',
    FLOODWARDEN_THRESHOLD: 'packets',
    FLOODWARDEN_VALUE: '40000',
    FLOODWARDEN_LIMIT: '20000',
  })
  assert.deepEqual(encodeCall('unban', { ...BRIEFING, attack: manual }, STYLE).env, {
    FLOODWARDEN_ATTACK_ID: 'example-1',
    FLOODWARDEN_HOSTGROUP: 'dns',
    FLOODWARDEN_THRESHOLD: '',
    FLOODWARDEN_VALUE: '',
    FLOODWARDEN_LIMIT: '',
  })
})

test('what systemd says to the daemon alone is not inherited', () => {
  const env = { PATH: '/bin', NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '1', HOME: undefined }

  assert.deepEqual(inheritedEnvironment(env), { PATH: '/bin' })
})

test('as JSON every call has the whole report on one line, the end of a ban too', () => {
  const style = { ...STYLE, report: 'json' } as const
  const { isOver: _, lastOverAt: __, ...attack } = exampleAttack()
  const ended = { ...attack, state: 'ended', endedAt: attack.openedAt + 60_000, endedBy: 'finished' } as const

  const details = encodeCall('attack_details', BRIEFING, style).stdin ?? ''
  const unban = encodeCall('unban', { attack: ended, flows: [], packets: [] }, style).stdin ?? ''

  assert.equal(details.indexOf('\n'), details.length - 1)
  assert.equal(reportSchema.parse(JSON.parse(details)).packets.length, 2)
  const report = reportSchema.parse(JSON.parse(unban))
  assert.equal(report.schema, 'floodwarden.report/1')
  assert.deepEqual([report.attack.state, report.attack.endedBy], ['ended', 'finished'])
})
