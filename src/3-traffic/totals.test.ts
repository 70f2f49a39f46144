import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOME } from '#2-decode/sample.ts'
import { createHostTables, TOTAL } from './host-tables.ts'
import { DIRECTIONS, Totals } from './totals.ts'

const tablesOf = () => createHostTables(256, 128)

test('totals of all workers add up, each multiplied by its sampling rate', () => {
  const [one, two] = [tablesOf(), tablesOf()]
  const totals = new Totals(
    [
      { tables: one, samplingRate: 1 },
      { tables: two, samplingRate: 100 },
    ],
    5,
  )
  one.totals[TOTAL.incoming] = 7
  one.totals[TOTAL.incoming + 1] = 700
  two.totals[TOTAL.incoming + TOTAL.ipv6] = 2
  two.totals[TOTAL.incoming + TOTAL.ipv6 + 1] = 120

  totals.update(1)

  assert.deepEqual(totals.counted('incoming', 4), { packets: 7, bytes: 700 })
  assert.deepEqual(totals.counted('incoming', 6), { packets: 200, bytes: 12_000 })
  assert.deepEqual(totals.counted('incoming'), { packets: 207, bytes: 12_700 })
  for (const direction of DIRECTIONS.slice(1)) {
    assert.deepEqual(totals.counted(direction), { packets: 0, bytes: 0 })
  }
})

test('each direction has its own words', () => {
  const tables = tablesOf()
  const totals = new Totals([{ tables, samplingRate: 1 }], 5)
  for (const [at, direction] of DIRECTIONS.entries()) tables.totals[TOTAL[direction]] = at + 1
  for (const outcome of Object.values(OUTCOME)) tables.totals[TOTAL.outcome + outcome] = 10 + outcome
  tables.totals[TOTAL.ignored] = 99

  totals.update(1)

  assert.deepEqual(
    DIRECTIONS.map(direction => totals.counted(direction, 4).packets),
    [1, 2, 3, 4],
  )
  assert.deepEqual(
    Object.values(OUTCOME).map(outcome => totals.outcome(outcome)),
    [10, 11, 12, 13],
  )
  assert.equal(totals.ignored, 99)
})

test('speeds are averages in packets and bits per second', () => {
  const tables = tablesOf()
  const totals = new Totals([{ tables, samplingRate: 1 }], 5)

  for (let tick = 0; tick < 50; tick++) {
    tables.totals[TOTAL.outgoing]! += 100
    tables.totals[TOTAL.outgoing + 1]! += 10_000
    tables.totals[TOTAL.outcome + OUTCOME.cut]! += 3
    tables.totals[TOTAL.outcome + OUTCOME.malformed]! += 2
    totals.update(0.1)
  }

  const share = 1 - Math.exp(-1)
  const { packets, bits } = totals.speed('outgoing', 4)
  assert.ok(Math.abs(packets - 1000 * share) < 1e-6)
  assert.ok(Math.abs(bits - 800_000 * share) < 1e-3)
  assert.ok(Math.abs(totals.unparsedPerSecond - 50 * share) < 1e-6)
})

test('counts go on when a counter passes 2^32', () => {
  const tables = tablesOf()
  const totals = new Totals([{ tables, samplingRate: 1 }], 5)
  tables.totals[TOTAL.other] = -5
  totals.update(1)
  tables.totals[TOTAL.other] = 5
  totals.update(1)

  assert.equal(totals.counted('other', 4).packets, 2 ** 32 + 5)
})
