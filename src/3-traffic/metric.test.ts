import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INCOMING, METRIC, NO_SPEEDS, OUTGOING, ROW, speedsOf } from './metric.ts'

test('each metric has a place of its own in a row', () => {
  const places = Object.values(METRIC)

  assert.equal(new Set(places).size, places.length)
  assert.ok(places.every(place => place >= 0 && place < ROW))
})

test('a pair of rows holds the speeds of both directions', () => {
  const rows = new Float64Array(ROW * 2)
  rows[INCOMING + METRIC.packets] = 5
  rows[OUTGOING + METRIC.flows] = 7

  assert.deepEqual(speedsOf(rows, INCOMING), { ...NO_SPEEDS, packets: 5 })
  assert.deepEqual(speedsOf(rows, OUTGOING), { ...NO_SPEEDS, flows: 7 })
})
