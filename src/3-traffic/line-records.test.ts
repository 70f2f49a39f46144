import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineRecords } from './line-records.ts'

const LINE = 7

/** 100 packets and 10,000 bytes in each tenth of a second, from `start` (ms) on. */
function steady(records: LineRecords, start: number, ticks: number): number {
  let now = start
  for (let tick = 0; tick < ticks; tick++) {
    now += 100
    records.average(LINE, 100, 10_000, now | 0, 1)
  }
  return now
}

const near = (actual: number, expected: number, percent = 1) =>
  assert.ok(Math.abs(actual / expected - 1) < percent / 100, `${actual} is not near ${expected}`)

test('a step shows 63 percent of itself after the time constant, and all of itself in the end', () => {
  const records = new LineRecords(16, 5)

  let now = steady(records, 1000, 50)
  near(records.read(LINE, 'packets', now), 632, 3)
  now = steady(records, now, 500)

  near(records.read(LINE, 'packets', now), 1000)
  near(records.read(LINE, 'bytes', now), 100_000)
  assert.equal(records.read(LINE + 1, 'packets', now), 0)
})

test('silence is taken into account when an average is read', () => {
  const records = new LineRecords(16, 5)
  const now = steady(records, 1000, 500)

  near(records.read(LINE, 'packets', now + 5000), 1000 * Math.exp(-1))
  near(records.read(LINE, 'packets', now + 50_000), 1000 * Math.exp(-10))
})

test('what comes after a long silence is spread over a window at most, not over the silence', () => {
  const records = new LineRecords(16, 5)
  const now = steady(records, 1000, 1) + 600_000

  records.average(LINE, 1000, 100_000, now, 1)

  near(records.read(LINE, 'packets', now), 1000 * (1 - Math.exp(-1 / 5)))
})

test('averages go on when the clock passes what 32 bits hold, for lines old and new', () => {
  // Milliseconds are kept in 32 bits: after 24.8 days they turn negative, after 49.7 they begin again.
  for (const start of [2 ** 31 - 1000, 2 ** 31 + 1e8, 2 ** 32 - 1000]) {
    const records = new LineRecords(16, 5)
    const now = steady(records, start, 500)

    near(records.read(LINE, 'packets', now | 0), 1000)
    near(records.read(LINE, 'packets', (now + 5000) | 0), 1000 * Math.exp(-1))
  }
})

test('a slot that begins to count another host begins from zero', () => {
  const records = new LineRecords(16, 5)
  const now = steady(records, 1000, 50)
  records.words[LINE * 16] = 55

  records.clear(LINE)

  assert.equal(records.read(LINE, 'packets', now), 0)
  assert.equal(records.words[LINE * 16], 0)
})
