import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

/** Runs ticks for so long, each costing `busyMs` of its length; the lengths it came to have. */
function run(pace: Pace, from: number, seconds: number, busyMs: (tickMs: number) => number) {
  const lengths: number[] = []
  let now = from
  while (now < from + seconds * 1000) {
    now += pace.tickMs
    if (pace.spent(busyMs(pace.tickMs), now)) lengths.push(pace.tickMs)
  }
  return { lengths, now }
}

test('cheap ticks stay as they are', () => {
  const pace = new Pace(100, false, 0)

  assert.deepEqual(run(pace, 0, 60, () => 25).lengths, [])
  assert.ok(Math.abs(pace.share - 0.25) < 0.01)
})

test('ticks that cost more than 30 % of a core become longer step by step, at most a second', () => {
  const pace = new Pace(100, false, 0)

  assert.deepEqual(run(pace, 0, 30, tickMs => tickMs * 0.5).lengths, [200, 500, 1000])
  assert.equal(pace.tickMs, 1000)
})

test('a tick whose cost does not depend on its length finds the length that it can afford, and keeps it', () => {
  const pace = new Pace(100, false, 0)

  assert.deepEqual(run(pace, 0, 300, () => 45).lengths, [200])
})

test('when they cost little they become shorter again, and do not swing', () => {
  const pace = new Pace(100, false, 0)
  const { now } = run(pace, 0, 30, () => 400)
  assert.equal(pace.tickMs, 1000)

  const calm = run(pace, now, 300, () => 20)

  assert.deepEqual(calm.lengths, [500, 200])
})

test('a fixed length stays, and its share is measured', () => {
  const pace = new Pace(1000, true, 0)

  assert.deepEqual(run(pace, 0, 30, () => 900).lengths, [])
  assert.ok(pace.share > 0.8)
})
