// Records spread over their time: each packet once, at the mean rate of its flow, within bounds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SPREAD_MS_MAX, Spread } from './spread.ts'

interface Credited {
  readonly atMs: number
  readonly line: number
  readonly mark: number
  readonly packets: number
  readonly bytes: number
}

function setUp(capacity = 16) {
  const credits: Credited[] = []
  const generations = new Int32Array(64)
  let nowMs = 0
  const spread = new Spread(capacity, 128, generations, (line, mark, packets, bytes) =>
    credits.push({ atMs: nowMs, line, mark, packets, bytes }),
  )
  const advance = (to: number) => {
    nowMs = to
    spread.advance(to)
  }
  const sum = (read: (one: Credited) => number, isMeant = (_: Credited) => true) =>
    credits.filter(isMeant).reduce((total, one) => total + read(one), 0)
  return { credits, generations, spread, advance, sum }
}

const arrival = fc.record({
  afterMs: fc.integer({ min: 0, max: 3000 }),
  line: fc.integer({ min: 0, max: 3 }),
  mark: fc.integer({ min: 0, max: 2 }),
  packets: fc.integer({ min: 1, max: 1_000_000 }),
  bytesEach: fc.integer({ min: 40, max: 1500 }),
  durationMs: fc.integer({ min: 250, max: SPREAD_MS_MAX }),
})

test('every packet is counted once, by line and mark, whatever comes when', () => {
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 60 }), arrivals => {
      const { spread, advance, sum } = setUp()
      let nowMs = 0
      for (const { afterMs, line, mark, packets, bytesEach, durationMs } of arrivals) {
        nowMs += afterMs
        advance(nowMs)
        assert.equal(spread.add(line, mark, packets, packets * bytesEach, durationMs), true)
      }
      advance(nowMs + SPREAD_MS_MAX + 1000)

      for (const [key, own] of Map.groupBy(arrivals, ({ line, mark }) => `${line}/${mark}`)) {
        const isMeant = (one: Credited) => `${one.line}/${one.mark}` === key
        const total = (read: (one: (typeof own)[number]) => number) =>
          own.reduce((all, one) => all + read(one), 0)
        assert.equal(
          sum(one => one.packets, isMeant),
          total(one => one.packets),
        )
        const bytes = total(one => one.packets * one.bytesEach)
        assert.ok(Math.abs(sum(one => one.bytes, isMeant) - bytes) <= 1)
      }
      assert.equal(spread.used, 0)
    }),
    { numRuns: 300 },
  )
})

test('at no time more has been counted than the mean rates allow, nor less than of a piece more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 1_000_000 }),
      fc.integer({ min: 250, max: SPREAD_MS_MAX }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 90_000 }),
      (packets, durationMs, beginMs, laterMs) => {
        const { spread, advance, sum } = setUp()
        advance(beginMs)
        spread.add(1, 0, packets, packets, durationMs)
        advance(beginMs + laterMs)

        const counted = sum(one => one.packets)
        const most = packets * Math.min(1, laterMs / durationMs)
        const least = packets * Math.min(1, laterMs / (durationMs + 500))
        assert.ok(counted <= most + 1, `${counted} > ${most}`)
        assert.ok(counted >= Math.floor(least) - 1, `${counted} < ${least}`)
      },
    ),
    { numRuns: 500 },
  )
})

test('flows that are told of every minute add up to the rate they have', () => {
  const { spread, advance, credits } = setUp()
  const perSecond = 100
  // Sixty flows, each told of once a minute, one a second.
  for (let second = 0; second < 240; second++) {
    advance(second * 1000)
    spread.add(1, 0, perSecond * 60, perSecond * 60, 60_000)
  }
  advance(240_000)

  // From the second minute on all of them are heard of.
  for (let second = 61; second < 239; second++) {
    const counted = credits
      .filter(({ atMs }) => atMs === second * 1000)
      .reduce((sum, { packets }) => sum + packets, 0)
    assert.ok(Math.abs(counted / (60 * perSecond) - 1) < 0.01, `${counted} in second ${second}`)
  }
})

test('without room a record is refused, counted, and the others go on', () => {
  const { spread, advance, sum } = setUp(2)
  advance(0)

  const taken = [1, 2, 3, 2].map(line => spread.add(line, 0, 100, 100, 5000))
  advance(10_000)
  const again = spread.add(3, 0, 100, 100, 5000)

  assert.deepEqual(taken, [true, true, false, true])
  assert.equal(again, true)
  assert.equal(spread.refused, 1)
  assert.equal(
    sum(one => one.packets),
    300,
  )
})

test('what a host has still to be counted is dropped when its place has passed to another one', () => {
  const { spread, advance, generations, sum } = setUp()
  advance(0)
  spread.add(1, 0, 100, 100, 10_000)
  advance(5000)
  const before = sum(one => one.packets)

  generations[1] = 2
  spread.add(1, 0, 40, 40, 1000)
  advance(20_000)

  assert.ok(before >= 45 && before <= 50)
  assert.equal(
    sum(one => one.packets),
    before + 40,
  )
  assert.equal(spread.lost, 1)
  assert.equal(spread.used, 0)
})

test('a worker that slept for an hour counts what was due and goes on', () => {
  const { spread, advance, sum } = setUp()
  advance(0)
  spread.add(1, 0, 100, 100, 30_000)
  advance(3_600_000)
  spread.add(1, 0, 7, 7, 1000)
  advance(7_200_000)
  advance(7_300_000)

  assert.equal(
    sum(one => one.packets),
    107,
  )
})
