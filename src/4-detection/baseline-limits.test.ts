import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC } from '#3-traffic/metric.ts'
import { HourSamples, MINUTE_WORDS, wordOf } from './baseline-hour.ts'
import { readable, suggest } from './baseline-limits.ts'
import { WeekSums } from './baseline-week.ts'
import { detectionSchema } from './config.ts'

const { learn } = detectionSchema.parse({})
const SCOPE = { kind: 'hostgroup', name: 'web', prefixes: [], subjects: ['host', 'total'] } as const

/** A day of so many minutes in which the busiest host has these packets per second. */
function day(minutes: number, packets: (minute: number) => number): HourSamples {
  const samples = new HourSamples()
  const values = new Float64Array(MINUTE_WORDS)
  for (let minute = 0; minute < minutes; minute++) {
    values[wordOf('host', 0, METRIC.packets)] = packets(minute)
    samples.add(values, 0)
  }
  return samples
}

/** These days as one week. */
function weekOf(days: readonly HourSamples[]): WeekSums {
  const sums = new WeekSums(learn.percentile / 100)
  sums.begin()
  for (const hours of days) {
    sums.add(hours.encode())
    sums.endDay()
  }
  return sums
}

test('a week whose minutes rise evenly to 10,000 suggests twice its 95th percentile, rounded up', () => {
  const week = Array.from({ length: 7 }, () => day(1440, minute => ((minute + 1) / 1440) * 10_000))

  const [found, ...others] = suggest(SCOPE, weekOf(week), learn)

  assert.equal(others.length, 0)
  assert.equal(found?.value, 20_000)
  assert.ok(Math.abs((found?.typical ?? 0) - 9500) <= 95)
  assert.equal(found?.confidence, 1)
})

test('nothing is suggested before there are enough hours, nor for what is silent', () => {
  assert.deepEqual(suggest(SCOPE, weekOf([day(24 * 60 - 1, () => 500)]), learn), [])
  assert.deepEqual(suggest(SCOPE, weekOf([day(24 * 60, () => 0)]), learn), [])
  assert.equal(
    suggest(SCOPE, weekOf([day(24 * 60, () => 20)]), learn)[0]?.value,
    learn.lowest.packetsPerSecond,
  )
})

test('an hour comes back from its bytes; bytes that are cut are no hour', () => {
  const bytes = day(60, minute => minute * 37).encode()

  assert.deepEqual(HourSamples.decode(bytes)?.encode(), bytes)
  for (let length = 0; length < bytes.length; length++)
    assert.equal(HourSamples.decode(bytes.subarray(0, length)), undefined)
})

test('suggestions are numbers that people would choose', () => {
  assert.deepEqual(
    [1, 1.3, 19_000, 20_000, 81_234, 9.1e9].map(readable),
    [1, 1.5, 20_000, 20_000, 100_000, 1e10],
  )
})
