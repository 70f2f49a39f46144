// The screens a FastNetMon 1.2.4 drew, byte for byte but for the title.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ScreenFile, screenFileText } from './screen-file.ts'

const row = (host: string, packets: number, megabits: number, flows: number, banned = true) => ({
  host,
  packets,
  bits: megabits * 1e6,
  flows,
  banned,
})
const sums = (packets: number, megabits: number) => ({ packets, bits: megabits * 1e6 })
const NOTHING = sums(0, 0)
const AT = '20_11_26_10:11:49'

const IPV4: ScreenFile = {
  family: 4,
  version: '1.2.3',
  sort: 'packets',
  incoming: {
    ...sums(136_539, 218.9),
    flows: 49_128,
    hosts: [row('10.99.1.1', 34_434.9, 55, 13_068), row('10.99.1.5', 0, 0, 0, false)],
  },
  outgoing: { ...sums(34_147, 54), flows: 14_288, hosts: [row('10.99.1.5', 34_389, 55, 11_401)] },
  internal: NOTHING,
  other: NOTHING,
  calculationMicroseconds: 37_272,
  unparsedPerSecond: 0,
  drawnSeconds: 0.01,
  bans: [{ host: '10.99.1.1', direction: 'incoming', peak: 34_434.9, openedAt: 0 }],
}

test('the IPv4 screen has tabs, widths and line ends of FastNetMon', () => {
  assert.equal(
    screenFileText(IPV4, () => AT),
    [
      'Floodwarden 1.2.3',
      'IPs ordered by: packets',
      'Incoming traffic\t136539 pps    218 mbps  49128 flows',
      '10.99.1.1\t\t 34434 pps     55 mbps  13068 flows  *banned* ',
      '10.99.1.5\t\t     0 pps      0 mbps      0 flows ',
      '',
      'Outgoing traffic\t 34147 pps     54 mbps  14288 flows',
      '10.99.1.5\t\t 34389 pps     55 mbps  11401 flows  *banned* ',
      '',
      'Internal traffic\t     0 pps      0 mbps',
      '',
      'Other traffic\t\t     0 pps      0 mbps',
      '',
      'Screen updated in:\t\t0.01 sec',
      'Traffic calculated in:\t\t0 sec 37272 microseconds',
      'Not processed packets: 0 pps',
      '',
      'Ban list:',
      '10.99.1.1/34434 pps incoming at 20_11_26_10:11:49',
      '',
    ].join('\n'),
  )
})

test('the IPv6 screen has addresses with zeros, no statistics, and our list of bans below it', () => {
  const host = '2001:db8:99::1'
  const screen: ScreenFile = {
    ...IPV4,
    family: 6,
    incoming: { ...sums(69_722, 111), flows: 5, hosts: [row(host, 34_904, 55, 0)] },
    outgoing: { ...NOTHING, flows: 0, hosts: [] },
    bans: [{ host, direction: 'incoming', peak: 34_904, openedAt: 0 }],
  }

  assert.equal(
    screenFileText(screen, () => AT),
    [
      'Floodwarden 1.2.3',
      'IPs ordered by: packets',
      'Incoming traffic\t\t\t 69722 pps    111 mbps',
      '2001:0db8:0099::0001\t 34904 pps     55 mbps      0 flows  *banned* ',
      '',
      'Outgoing traffic\t\t\t     0 pps      0 mbps',
      '',
      'Internal traffic\t\t\t     0 pps      0 mbps',
      '',
      'Other traffic\t\t\t\t     0 pps      0 mbps',
      '',
      'Ban list:',
      '2001:0db8:0099::0001/34904 pps incoming at 20_11_26_10:11:49',
      '',
    ].join('\n'),
  )
})
