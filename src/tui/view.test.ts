import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_TRAFFIC } from '#api/contract/examples.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import { type Size, screenLines } from './view.ts'

const WHOLE: Size = { columns: 200, rows: undefined }
/** Times are local on the screen: written from the parts, read back by the machine's own zone. */
const at = (second: number) => new Date(2026, 10, 20, 10, 11, second).toISOString()

const TRAFFIC: Traffic = {
  ...EXAMPLE_TRAFFIC,
  at: at(52),
  bans: EXAMPLE_TRAFFIC.bans.map(ban => ({ ...ban, openedAt: at(49) })),
}

const show = (traffic: Traffic, size = WHOLE, limit = 10, footer?: string) =>
  screenLines({ traffic, limit, footer }, size)

test('the whole screen: totals, hosts of both IP versions, drops and bans', () => {
  assert.deepEqual(show(TRAFFIC), [
    'Floodwarden 0.1.0   eth1 eth2   budget mode   dry run   2026-11-20 10:11:52',
    'IPs ordered by: packets',
    'Incoming traffic  136539 pps    218 mbps  49128 flows',
    '10.99.1.1          34434 pps     55 mbps  13068 flows  *banned*',
    '2001:db8:99::1      1200 pps      9 mbps     12 flows',
    '',
    'Outgoing traffic   34147 pps     54 mbps  14288 flows',
    '10.99.1.5          34389 pps     55 mbps  11401 flows',
    '',
    'Internal traffic      12 pps      0 mbps',
    '',
    'Other traffic          0 pps      0 mbps',
    '',
    'Packets received:       1,208,345',
    'Packets dropped:        12 (0.001 %)',
    'Traffic calculated in:  372 microseconds',
    'Not processed packets:  0 pps',
    '',
    'Ban list:',
    '10.99.1.1/40117 pps incoming at 2026-11-20 10:11:49',
  ])
})

test('columns are as wide as the widest address and number', () => {
  const wide = '2001:db8:1111:2222:3333:4444:5555:6666'
  const row = { host: wide, packets: 12_345_678, bits: 1e9, flows: 1, banned: false }
  const lines = show({
    ...TRAFFIC,
    interfaces: [],
    armed: true,
    outgoing: { ...TRAFFIC.outgoing, hosts: [row] },
  })

  assert.equal(lines[0], 'Floodwarden 0.1.0   no interface   budget mode   armed   2026-11-20 10:11:52')
  assert.deepEqual(lines.slice(2, 8), [
    'Incoming traffic                          136539 pps    218 mbps  49128 flows',
    '10.99.1.1                                  34434 pps     55 mbps  13068 flows  *banned*',
    '2001:db8:99::1                              1200 pps      9 mbps     12 flows',
    '',
    'Outgoing traffic                           34147 pps     54 mbps  14288 flows',
    `${wide}  12345678 pps   1000 mbps      1 flows`,
  ])
})

function busy(hosts: number, bans: number): Traffic {
  const rows = Array.from({ length: hosts }, (_, index) => ({
    host: `10.0.0.${index}`,
    packets: 1,
    bits: 1,
    flows: 1,
    banned: false,
  }))
  return {
    ...TRAFFIC,
    incoming: { ...TRAFFIC.incoming, hosts: rows },
    outgoing: { ...TRAFFIC.outgoing, hosts: rows },
    bansTotal: bans,
    bans: rows.slice(0, bans).map(({ host }) => ({
      ...{ host, scope: 'host', prefixes: [`${host}/32`] },
      ...{ direction: 'incoming', peak: 1, openedAt: at(1) },
    })),
  }
}

test('a small window keeps the totals, shares its rows and counts the bans it cannot show', () => {
  const lines = show(busy(50, 20), { columns: 80, rows: 26 }, 10, 'keys')

  assert.equal(lines.length, 26)
  assert.equal(lines.filter(line => line.startsWith('10.0.0.') && line.includes('mbps')).length, 6)
  assert.deepEqual(lines.slice(-4), [
    `10.0.0.0/1 pps incoming at 2026-11-20 10:11:01`,
    `10.0.0.1/1 pps incoming at 2026-11-20 10:11:01`,
    'and 18 more',
    'keys',
  ])
})

test('an attack on prefixes is shown by its scope and its first prefix, and exempt packets when there are any', () => {
  const prefixes = ['10.10.16.0/20', '10.10.64.0/24']
  const wide = { host: '10.10.16.0/20', scope: 'prefix' as const, prefixes }
  const bans = [{ ...wide, direction: 'incoming' as const, peak: 400_000, openedAt: at(1) }]

  const lines = show({ ...TRAFFIC, exemptPackets: 1234, bansTotal: 1, bans }, { columns: 80, rows: 40 }, 1)

  assert.ok(
    lines.includes('prefix 10.10.16.0/20 and 1 more: 400000 pps incoming at 2026-11-20 10:11:01'),
    lines.join('\n'),
  )
  assert.ok(lines.includes('Packets exempt:         1,234'))
  assert.ok(!show(TRAFFIC, { columns: 80, rows: 40 }, 1).some(line => line.startsWith('Packets exempt')))
})

test('a large window is filled up to the last line, which stays at the bottom', () => {
  const lines = show(busy(3, 1), { columns: 80, rows: 60 }, 2, 'keys')

  assert.equal(lines.length, 60)
  assert.equal(lines.filter(line => line.startsWith('10.0.0.') && line.includes('mbps')).length, 4)
  assert.equal(lines.at(-1), 'keys')
})

test('no window is too small and nothing is wider than it', () => {
  for (let rows = 1; rows < 40; rows++) {
    for (const columns of [1, 10, 40]) {
      const lines = show(busy(9, 7), { columns, rows }, 5, 'keys of the screen')
      assert.equal(lines.length, rows)
      assert.ok(lines.every(line => line.length <= columns))
    }
  }
})
