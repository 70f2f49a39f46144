import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_HISTORY } from '#api/contract/examples-resources.ts'
import { isKnown, linesOf, seriesWords, sinceOf, spanOf, timesOf, trafficUnit } from './history-chart.ts'
import { PLACES, placeOf, rangeOf, valueAt } from './threshold-slider.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 0, 30)

test('a span is a word of the address and begins at a whole minute', () => {
  assert.equal(spanOf('day'), 'day')
  assert.equal(spanOf('no such'), 'hour')
  assert.equal(sinceOf('hour', NOW), '2026-11-20T09:00:00.000Z')
  assert.equal(sinceOf('week', NOW), '2026-11-13T10:00:00.000Z')
})

test('lines are those that are known, over the moments they are of', () => {
  const unknown = { packets: [null, null], bits: [null, null], flows: [null, null] }
  const total = { ...EXAMPLE_HISTORY, internal: { ...EXAMPLE_HISTORY.incoming, flows: [null, null] } }

  assert.deepEqual(
    linesOf(EXAMPLE_HISTORY, 'bits').map(({ label }) => label),
    ['incoming', 'outgoing'],
  )
  assert.deepEqual(
    linesOf(total, 'flows').map(({ label }) => label),
    ['incoming', 'outgoing'],
  )
  assert.deepEqual(timesOf(EXAMPLE_HISTORY), [1_795_168_800, 1_795_168_810])
  assert.equal(isKnown(EXAMPLE_HISTORY), true)
  assert.equal(isKnown({ ...EXAMPLE_HISTORY, incoming: unknown, outgoing: unknown }), false)
  assert.equal(trafficUnit('packets'), 'packets')
  assert.equal(trafficUnit('x'), 'bits')
  assert.deepEqual(['total', 'network:2001:db8::/32'].map(seriesWords), [
    'all traffic',
    'network 2001:db8::/32',
  ])
})

test('a slider reaches from below what is usual to above what was seen, evenly in powers of ten', () => {
  const range = rangeOf({ usual: 1000, highest: 50_000, now: 20_000 }, 'packets')

  assert.deepEqual(range, { lowest: 250, highest: 200_000 })
  assert.deepEqual(
    [0, PLACES, -5, PLACES * 2].map(place => valueAt(place, range)),
    [250, 200_000, 250, 200_000],
  )
  const middle = valueAt(PLACES / 2, range)
  assert.ok(middle > 6500 && middle < 7500, String(middle))
  assert.equal(valueAt(placeOf(20_000, range), range), 20_000)
  assert.deepEqual([placeOf(1, range), placeOf(1e9, range)], [0, PLACES])
})

test('where nothing is known it is wide, and in bits a thousand times as far', () => {
  assert.deepEqual(rangeOf({ now: null }, 'packets'), { lowest: 100, highest: 1e8 })
  assert.deepEqual(rangeOf({}, 'bits'), { lowest: 1e5, highest: 1e11 })
  const { lowest, highest } = rangeOf({ usual: 5 }, 'packets')
  assert.ok(highest / lowest >= 100)
})
