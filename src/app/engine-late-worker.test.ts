// A worker that gets no processor for a while counts later: speeds are those of the wire, whoever ran when.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CountedTo } from '#3-traffic/counted-to.ts'
import { CONTROL } from '#3-traffic/host-tables.ts'
import { configWith, engineLab, flood, WALL } from './engine-for-tests.ts'

const VICTIM = '10.0.0.1'

/** The attacks that open while a host gets `perMs` packets a millisecond from the tenth tick on, of which each tick counts what came until `late` ms before its end. */
async function openedBy(perMs: number, late: (tick: number) => number) {
  const lab = await engineLab(
    configWith({ detection: { thresholds: { incoming: { packetsPerSecond: 10_000 } } } }),
  )
  const { control } = lab.worker.tables
  const countedTo = new CountedTo(control)
  let until = 900
  const events = Array.from({ length: 60 }, (_, at) => {
    const counted = (at + 1) * 100 - late(at)
    const packets = Math.max(0, counted - until) * perMs
    if (packets === 0) countedTo.silence(WALL + counted)
    else {
      lab.send(flood(VICTIM, packets))
      countedTo.block(Math.floor((WALL + counted) / 1000), (counted % 1000) * 1e6)
      control[CONTROL.captured]! += packets
    }
    until = Math.max(until, counted)
    return lab.tick()
  }).flat()
  return events.flatMap(event => (event.kind === 'opened' ? [event.attack] : []))
}

test('a flood has its speed, however late its packets are counted', async () => {
  const steady = await openedBy(30, () => 5)
  const late = await openedBy(30, tick => [5, 60, 0, 80, 20][tick % 5]!)

  for (const [attack] of [steady, late])
    assert.ok(Math.abs(attack!.power / 30_000 - 1) < 0.01, `${attack?.power}`)
})

test('nor is it told much slower when the worker stands still for two of four ticks', async () => {
  const [attack] = await openedBy(15, tick => [5, 105, 205, 0][tick % 4]!)

  assert.ok(Math.abs(attack!.power / 15_000 - 1) < 0.06, `${attack?.power}`)
})

test('a host below its limit is not attacked because its packets of several ticks were counted in one', async () => {
  const late = (tick: number) => (tick % 30 < 14 ? 5 : (tick % 30) * 100 - 1300)

  assert.deepEqual(await openedBy(9, late), [])
})
