// Lines as a FastNetMon 1.2.4 wrote them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggerOn } from '#lib/log/open-log.ts'
import { fastnetmonWording } from './log-format.ts'

const AT = new Date(2026, 10, 20, 10, 11, 49, 533).getTime()

function collect() {
  const lines: string[] = []
  const output = { write: (line: string) => void lines.push(line) }
  const log = loggerOn(output, { level: 'info', format: 'fastnetmon', wording: fastnetmonWording }, () => AT)
  return { lines, log }
}

const FRAME = '2026-11-20 10:11:49,533'
const HOST = { host: '10.99.1.1' }

test('an attack opens in the words scripts look for, two spaces included', () => {
  const { lines, log } = collect()

  log.info('attack opened', {
    ...HOST,
    origin: 'detected',
    direction: 'incoming',
    power: 27_421.7,
    incomingPackets: 27_421.7,
    outgoingPackets: 0,
    incomingBytes: 5_484_621.3,
    outgoingBytes: 0,
  })

  assert.deepEqual(lines, [
    `${FRAME} [INFO] We run execute_ip_ban code with following params  in_pps: 27421 out_pps: 0 in_bps: 5484621 out_bps: 0 and we decide it's incoming attack\n`,
    `${FRAME} [INFO] Attack with direction: incoming IP: 10.99.1.1 Power: 27421\n`,
  ])
})

test('calls of the script and their ends have the lines of FastNetMon', () => {
  const { lines, log } = collect()

  for (const action of ['ban', 'attack_details', 'unban']) {
    log.info('notify script called', { ...HOST, action, direction: 'incoming', power: 27_421 })
    log.info('notify script ended', { ...HOST, action, status: 0 })
  }

  assert.deepEqual(
    lines.map(line => line.slice(FRAME.length + 1, -1)),
    [
      '[INFO] Call script for ban client: 10.99.1.1',
      '[INFO] Script for ban client is finished: 10.99.1.1',
      '[INFO] Subprocess exit code: 0',
      '[INFO] Attack with direction: incoming IP: 10.99.1.1 Power: 27421 traffic samples collected',
      '[INFO] Call script for notify about attack details for: 10.99.1.1',
      '[INFO] Script for notify about attack details is finished: 10.99.1.1',
      '[INFO] Subprocess exit code: 0',
      '[INFO] Call script for unban client: 10.99.1.1',
      '[INFO] Script for unban client is finished: 10.99.1.1',
      '[INFO] Subprocess exit code: 0',
    ],
  )
})

test('the end of a ban, a flood that goes on, and IPv6 with all its zeros', () => {
  const { lines, log } = collect()

  log.warn('attack still going', HOST)
  log.info('attack ended', { ...HOST, endedBy: 'finished', banSeconds: 6 })
  log.info('exabgp told', { line: 'announce route 10.99.1.1/32 next-hop 10.0.3.114' })
  log.info('attack ended', { host: '2001:db8:99::1', endedBy: 'operator', banSeconds: 6 })

  assert.deepEqual(
    lines.map(line => line.slice(FRAME.length + 1, -1)),
    [
      '[ERROR] Attack to IP 10.99.1.1 still going! We should not unblock this host',
      '[INFO] We will unban banned IP: 10.99.1.1 because it ban time 6 seconds is ended',
      '[INFO] ExaBGP announce message: announce route 10.99.1.1/32 next-hop 10.0.3.114',
      '[INFO] API: We asked for unban for IP: 2001:0db8:0099::0001',
      '[INFO] We will unban banned IP: 2001:0db8:0099::0001 because it ban time 0 seconds is ended',
    ],
  )
})

test('what FastNetMon has no words for stands in its frame, and cannot forge a line', () => {
  const { lines, log } = collect()

  log.warn('interface is down', { interface: 'eth1', words: 'a\u001b[2Jb' })

  assert.deepEqual(lines, [`${FRAME} [WARN] interface is down interface=eth1 words="a\\u001b[2Jb"\n`])
})
