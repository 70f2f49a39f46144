import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostTables } from './host-tables.ts'
import { recordSetup } from './records-for-tests.ts'
import { samplingOf } from './sampling-of.ts'

test('a host is as surely counted as the worst of the workers that count it', async () => {
  const setup = await recordSetup(['10.0.0.0/24'])
  const mirror = { tables: createHostTables(256, 128), samplingRate: 4 }
  const sources = [mirror, { tables: setup.tables, samplingRate: 1 }]
  const heldBy = (...workers: number[]) => ({
    slotIn: (worker: number) => (workers.includes(worker) ? 300 : 0),
  })

  const before = samplingOf(sources, heldBy(1), 7)
  // By packets: 1000 at 1:1000 and 1000 at 1:1.
  setup.count({ packets: 1, rate: 1000 })
  setup.count({ packets: 1000, rate: 1 })
  setup.tick(2, 2)
  setup.counting.syncEpoch()

  assert.equal(before, 1)
  assert.ok(Math.abs(samplingOf(sources, heldBy(1), 7) - 500.5) < 0.1)
  assert.equal(samplingOf(sources, heldBy(0), 7), 4)
  assert.ok(samplingOf(sources, heldBy(0, 1), 7) > 500)
  assert.equal(samplingOf(sources, heldBy(), 7), 1)
})

test('the rate that is told follows the records, and stays when none come', async () => {
  const setup = await recordSetup(['10.0.0.0/24'])
  const sources = [{ tables: setup.tables, samplingRate: 1 }]
  const told = () => samplingOf(sources, { slotIn: () => 300 }, 1)
  let epoch = 1
  const tick = () => {
    setup.tick(++epoch, 1)
    setup.counting.syncEpoch()
  }

  setup.count({ packets: 10, rate: 100 })
  tick()
  const first = told()
  for (let at = 0; at < 20; at++) tick()
  const silent = told()
  for (let at = 0; at < 20; at++) {
    setup.count({ packets: 1000, rate: 2 })
    tick()
  }

  assert.ok(Math.abs(first - 100) < 0.1)
  assert.ok(Math.abs(silent - 100) < 0.1)
  assert.ok(Math.abs(told() - 2) < 0.1, `${told()}`)
})
