import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_EXPORTERS } from '#api/contract/examples.ts'
import { EXAMPLE_INTERFACES } from '#api/contract/examples-resources.ts'
import { exporterColumns, INTERFACE_COLUMNS, loadOf, troubleOf } from './exporter-columns.ts'

const [exporter] = EXAMPLE_EXPORTERS.exporters
const [row] = EXAMPLE_INTERFACES.interfaces
const now = Date.parse(exporter!.lastSeen)

test('what needs somebody is said, and silence is', () => {
  const calm = {
    ...{ ...exporter!, lostDatagrams: 0, lostRecords: 0, malformed: 0, unknownTemplates: 0, waiting: 0 },
    ...{ domains: [], looked: { ...exporter!.looked, bothWays: 0, alsoFrom: [], other: 0 } },
  }
  const twice = { ...calm.looked, alsoFrom: [{ address: '192.0.2.2', records: 3 }] }

  assert.deepEqual(troubleOf(calm, now), [])
  assert.deepEqual(troubleOf({ ...calm, lostRecords: 1200, looked: twice }, now + 120_000), [
    ...['silent', '1,200 records lost', 'flows told of twice'],
  ])
})

test('an exporter leads to its interfaces', () => {
  const columns = exporterColumns(now, at => at)

  assert.equal(columns[0]?.href?.({ ...exporter!, address: '2001:db8::1' }), '/exporters/2001%3Adb8%3A%3A1')
  assert.equal(columns.find(({ key }) => key === 'lost')?.text(exporter!), '3')
})

test('an interface is told by its records and by its own counters', () => {
  const cell = (key: string, of = row!) => INTERFACE_COLUMNS.find(column => column.key === key)?.text(of)
  const bare = { index: 7, incoming: row!.incoming, outgoing: row!.outgoing }
  const down = { ...row!, counters: { ...row!.counters!, isUp: false } }

  assert.deepEqual([cell('state'), cell('inBits'), cell('inTold')], ['up', '8.4 Mbit/s', '8.5 Mbit/s'])
  assert.equal(loadOf(row!, 'in'), 0.000_85)
  assert.deepEqual([cell('state', bare), cell('speed', bare), cell('errors', bare)], ['', '', ''])
  assert.equal(loadOf(bare, 'out'), undefined)
  assert.equal(cell('state', down), 'down')
})
