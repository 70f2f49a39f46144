// The instruments of the comparison themselves: the formula, the shape of a text, the screen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shapeOf } from './compare.ts'
import { averageAt, deviation, tickPeriod } from './formula.ts'
import { readScreen } from './screen-file.ts'

/** 4,000 packets a second for five seconds from 1,000,000 ms on. */
const TIMES = Array.from({ length: 20_000 }, (_, at) => 1_000_000 + at / 4)
const ARRIVALS = { times: TIMES, bytes: TIMES.map(() => 100) }

test('the formula gives 0.181, 0.330, 0.451 of a steady rate at whole ticks', () => {
  const shown = [1, 2, 3, 4].map(tick => averageAt(ARRIVALS, 1_000_000 + tick * 1000, 1000, 0))

  assert.deepEqual(shown, [725, 1318, 1804, 2202])
})

test('a late ring moves packets into the next tick, and the delay that explains a number is found', () => {
  const told = averageAt(ARRIVALS, 1_003_500, 1000, 30)

  assert.deepEqual(deviation(told, ARRIVALS, 1_003_500, 1000, 60), { share: 0, delayMs: 30 })
  assert.ok(deviation(told * 1.05, ARRIVALS, 1_003_500, 1000, 60).share > 0.01)
})

test('the length of ticks follows from moments that are any number of them apart', () => {
  assert.equal(tickPeriod([10_000, 13_060, 10_000, 11_020]), 1020)
  assert.equal(tickPeriod([10_000]), 1000)
})

test('a shape keeps words, spaces and kinds of packets, and forgets numbers and the order of packets', () => {
  const line = (protocol: string, at: string) =>
    `2026-11-20 10:11:${at}.000001 1.2.3.4:5 > 10.10.1.1:80 protocol: ${protocol} frag: 0  `
  const one = shapeOf(`IP: 10.10.1.1\nPeak: 12 pps \n${line('udp', '01')}\n${line('icmp', '02')}`)
  const other = shapeOf(`IP: 10.10.1.1\nPeak: 9 pps \n${line('icmp', '03')}\n${line('udp', '04')}`)

  assert.deepEqual(one, other)
  assert.notDeepEqual(
    one,
    shapeOf(`IP: 10.10.1.1\nPeak: 12 pps\n${line('udp', '01')}\n${line('icmp', '02')}`),
  )
  assert.notDeepEqual(
    one,
    shapeOf(`IP: 10.10.1.2\nPeak: 12 pps \n${line('udp', '01')}\n${line('icmp', '02')}`),
  )
  assert.notDeepEqual(
    one,
    shapeOf(`IP: 10.10.1.1\nPeak: 12 pps \n${line('udp', '01')}\n${line('udp', '02')}`),
  )
})

test('a screen is read row by row, and a line that it does not know is refused', () => {
  const title = 'Incoming traffic\t 11683 pps     11 mbps   6639 flows'
  const host = '10.10.1.1\t\t  4060 pps      6 mbps    251 flows  *banned* '

  const { totals, hosts, bans } = readScreen(
    `${title}\n${host}\n\nBan list:\n10.10.1.1/4060 pps incoming at 20_11_26_10:11:49\n`,
  )

  assert.deepEqual(totals.get('incoming'), { pps: 11_683, mbps: 11, flows: 6639, banned: false })
  assert.deepEqual(hosts.get('incoming 10.10.1.1'), { pps: 4060, mbps: 6, flows: 251, banned: true })
  assert.deepEqual(bans, ['10.10.1.1 incoming'])
  assert.throws(() => readScreen(`${title}\n${host.trimEnd()}\n`), /unknown line/)
})
