import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HourReader, HourSamples, MINUTE_WORDS } from './baseline-hour.ts'
import { WeekSums } from './baseline-week.ts'

const QUANTILE = 0.95
const [FIRST, LAST] = [0, MINUTE_WORDS - 1]

/** An hour whose minutes have these speeds, each in the first number and ten times as much in the last. */
function hourOf(speeds: readonly number[]): Uint8Array {
  const samples = new HourSamples()
  const values = new Float64Array(MINUTE_WORDS)
  for (const speed of speeds) {
    values[FIRST] = speed
    values[LAST] = speed * 10
    samples.add(values, 0)
  }
  return samples.encode()
}

/** The value that 95 % do not exceed, by sorting. */
function sorted(speeds: readonly number[]): number {
  const ascending = speeds.toSorted((a, b) => a - b)
  return ascending[Math.max(1, Math.ceil(QUANTILE * speeds.length)) - 1] ?? 0
}

const isNear = (found: number, wanted: number): boolean =>
  wanted < 1 ? found === 0 : Math.abs(found - wanted) <= wanted * 0.011

const speeds = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 })
const week = fc.array(fc.array(speeds, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })

test('sums of any hours have the quantiles that sorting all their minutes has, scope after scope', () => {
  const sums = new WeekSums(QUANTILE)

  fc.assert(
    fc.property(week, days => {
      sums.begin()
      for (const hours of days) {
        for (const hour of hours) sums.add(hourOf(hour))
        sums.endDay()
      }

      const all = days.flat(2)
      assert.equal(sums.minutes, all.length)
      assert.ok(isNear(sums.typical(FIRST), sorted(all)))
      assert.ok(isNear(sums.typical(LAST), sorted(all.map(speed => speed * 10))))
      assert.ok(isNear(sums.highest(FIRST), Math.max(...all)))
      assert.equal(sums.above(FIRST, 0), all.filter(speed => speed >= 1).length)
      assert.equal(sums.typical(FIRST + 1), 0)
      for (const [at, day] of sums.days.entries())
        assert.ok(isNear(day.typical[FIRST] ?? -1, sorted(days[at]?.flat() ?? [])))
    }),
  )
})

test('any bytes are an hour or none, and what is none leaves nothing in the sums', () => {
  const reader = new HourReader()
  const good = hourOf([100, 200, 300])
  const sums = new WeekSums(QUANTILE)
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))

  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
      const bytes = Uint8Array.from(good)
      for (const [at, byte] of changes) bytes[at] = byte
      const isHour = reader.read(bytes)
      sums.begin()
      sums.add(bytes)
      sums.endDay()

      assert.equal(sums.minutes, isHour ? reader.minutes : 0)
      assert.ok(sums.above(FIRST, 0) <= sums.minutes)
      if (!isHour) assert.equal(sums.highest(FIRST) + sums.highest(LAST), 0)
    }),
  )
})

test('a number that stands twice in an hour, and counts beyond its minutes, are no hour', () => {
  const reader = new HourReader()
  const version = hourOf([1])[0]!

  assert.equal(reader.read(Uint8Array.from([version, 3, 0, 1, 5, 2, 10, 1, 4, 2])), true)
  assert.equal(reader.read(Uint8Array.from([version, 3, 0, 2, 5, 1, 10, 1, 5, 1, 10, 1])), false)
  assert.equal(reader.read(Uint8Array.from([version, 3, 0, 1, 5, 2, 10, 2, 4, 2])), false)
  assert.equal(reader.read(Uint8Array.from([version, 3, 0, 1, 5, 2, 10, 1, 0, 1])), false)
})
