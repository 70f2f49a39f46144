import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { observedOf, suggestedThreshold, type WhatIf, wouldBeBans } from './what-if.ts'

const ASKED: WhatIf = {
  ...{ threshold: 1000, stepSeconds: 1, banSeconds: 60, holdSeconds: 10 },
  judge: { mode: 'budget', surelySeconds: 2, perhapsSeconds: 0.25 },
}

/** `[seconds, value]` after one another. */
const series = (...parts: [number, number][]) => ({
  name: '192.0.2.1',
  values: Float64Array.from(parts.flatMap(([seconds, value]) => Array<number>(seconds).fill(value))),
})

test('calm traffic would have led to no ban', () => {
  assert.deepEqual(wouldBeBans(series([600, 999]), ASKED, 10), [])
})

test('ten times the threshold is sure in its first second, and the ban ends after its time', () => {
  const bans = wouldBeBans(series([100, 100], [30, 10_000], [200, 100]), ASKED, 10)

  assert.deepEqual(bans, [{ name: '192.0.2.1', step: 100, steps: 60, peak: 10_000, isSure: true }])
})

test('a little above it is a ban only where the packets look like an attack', () => {
  const [ban] = wouldBeBans(series([10, 100], [1, 1500], [50, 900]), ASKED, 10)

  assert.equal(ban?.isSure, false)
  assert.equal(ban?.step, 10)
})

test('a ban holds while traffic is near the threshold, and may outlast what was measured', () => {
  const bans = wouldBeBans(series([5, 10_000], [100, 850], [50, 10]), ASKED, 10)
  const endless = wouldBeBans(series([5, 10_000], [20, 10]), ASKED, 10)
  const byHand = wouldBeBans(series([5, 10_000], [500, 10]), { ...ASKED, banSeconds: 0 }, 10)

  assert.deepEqual(bans[0]?.steps, 114)
  assert.equal(endless[0]?.steps, undefined)
  assert.equal(byHand[0]?.steps, undefined)
})

test('a second flood after the first ban is a second ban, up to so many', () => {
  const wave = series([5, 10_000], [100, 10], [5, 10_000], [100, 10], [5, 10_000])

  assert.deepEqual(
    wouldBeBans(wave, ASKED, 10).map(({ step }) => step),
    [0, 105, 210],
  )
  assert.equal(wouldBeBans(wave, ASKED, 2).length, 2)
})

test('in plain mode the average has to climb above it', () => {
  const judge = { mode: 'plain', averageSeconds: 5 } as const
  const asked = { ...ASKED, judge }

  assert.equal(wouldBeBans(series([20, 0], [20, 1500]), asked, 10)[0]?.step, 25)
  assert.deepEqual(wouldBeBans(series([20, 0], [1, 4000], [20, 0]), asked, 10), [])
})

test('what is not known is silence, and no ban comes of it', () => {
  assert.deepEqual(wouldBeBans(series([600, Number.NaN]), ASKED, 10), [])
})

test('a higher threshold opens no more bans at a time, and none above the highest value', () => {
  const traffic = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(traffic, fc.integer({ min: 1, max: 5000 }), (values, threshold) => {
      const measured = { name: 'x', values: Float64Array.from(values) }
      const bans = wouldBeBans(measured, { ...ASKED, threshold }, 100)
      const first = bans[0]?.step ?? Number.POSITIVE_INFINITY
      const higher = wouldBeBans(measured, { ...ASKED, threshold: threshold * 2 }, 100)
      assert.ok((higher[0]?.step ?? Number.POSITIVE_INFINITY) >= first)
      assert.ok(bans.every(({ peak }) => peak > threshold))
      assert.deepEqual(wouldBeBans(measured, { ...ASKED, threshold: Math.max(...values) + 1 }, 100), [])
    }),
  )
})

test('percentiles are those of what is known, and a suggestion is a round number above', () => {
  const observed = observedOf(Float64Array.from({ length: 101 }, (_, at) => (at === 50 ? Number.NaN : at)))

  assert.deepEqual(observed, { steps: 100, p50: 49, p95: 95, p99: 99, highest: 100 })
  assert.equal(observedOf(new Float64Array(3).fill(Number.NaN)), undefined)
  assert.equal(suggestedThreshold({ ...observed!, p95: 4711 }, 2), 10_000)
  assert.equal(suggestedThreshold({ ...observed!, p95: 0 }, 2), 0)
})
