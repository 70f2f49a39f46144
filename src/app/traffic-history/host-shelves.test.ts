import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { COLUMNS } from '../engine-worker/columns.ts'
import { HostShelves } from './host-shelves.ts'
import { pack, UNKNOWN } from './packed.ts'
import { fineSeries, type Series } from './series.ts'

/** Midnight, so that a day ends within what is pushed. */
const BEGAN = Date.UTC(2026, 0, 2) / 1000 - 1500

const packedOf = (body: Uint8Array): number[] => [...new Uint16Array(body.buffer)]

/** The day of a fine series in 16 bits. */
const packedDay = ({ day }: Series) => ({
  day: day.day,
  numbers: [...new Float32Array(day.body.buffer)].map(pack),
})

const pushes = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 400 }),
    /** Seconds that nobody saw before. */
    gap: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat({ max: 700 })),
    value: fc.double({ min: 0, max: 1e10, noNaN: true }),
  }),
  { minLength: 1, maxLength: 12 },
)

test('a host has the history that a network with the same traffic has, packed', () => {
  fc.assert(
    fc.property(pushes, runs => {
      const shelves = new HostShelves(3)
      const others = [shelves.take().series, shelves.take().series]
      const { series } = shelves.take()
      const fine = fineSeries()
      let second = BEGAN

      for (const { seconds, gap, value } of runs) {
        second += gap
        for (let at = 0; at < seconds; at++) {
          const numbers = Float32Array.from({ length: COLUMNS }, (_, column) => value * (column + at + 1))
          second++
          for (const other of others) other.push(second, numbers.map(Math.sqrt), 0)
          const isDue = series.push(second, numbers, 0)
          assert.equal(isDue, fine.push(second, numbers, 0))
          if (!isDue) continue
          assert.deepEqual({ day: series.day.day, numbers: packedOf(series.day.body) }, packedDay(fine))
          assert.equal(series.tens?.step, fine.tens?.step)
          assert.deepEqual(packedOf(series.tens!.body), packedOf(fine.tens!.body))
        }
      }

      for (let at = second - 3599; at <= second; at++)
        assert.deepEqual(pack(series.read(1, at, 4)), pack(fine.read(1, at, 4)))
      assert.deepEqual([series.since, series.last], [fine.since, fine.last])
      const seen = Array.from({ length: 101 }, (_, at) => pack(fine.read(1, second - 100 + at, 2)))
      const highest = seen
        .filter(packed => packed !== UNKNOWN)
        .reduce((most, packed) => Math.max(most, packed), 0)
      assert.equal(pack(series.highest(second - 100, 101, 2)), highest)
    }),
    { numRuns: 15 },
  )
})

test('who still has the series of a host that was forgotten finds nothing in it, and not what its successor does', () => {
  const shelves = new HostShelves(1)
  const numbers = new Float32Array(COLUMNS).fill(5)
  const first = shelves.take()
  first.series.push(BEGAN, numbers, 0)

  shelves.clear(first)
  const second = shelves.take()
  second.series.push(BEGAN, numbers, 0)
  first.series.push(BEGAN + 1, numbers, 0)

  assert.equal(Math.round(second.series.read(1, BEGAN, 0)), 5)
  assert.ok(Number.isNaN(second.series.read(1, BEGAN + 1, 0)))
  assert.ok(Number.isNaN(first.series.read(1, BEGAN, 0)))
  assert.deepEqual([shelves.isEmpty(first), shelves.isEmpty(second)], [true, false])
})

test('of seconds an hour is kept', () => {
  const shelves = new HostShelves(2)
  const { series } = shelves.take()
  const numbers = new Float32Array(COLUMNS).fill(1)

  for (let second = BEGAN; second <= BEGAN + 5000; second++) series.push(second, numbers, 0)

  const known = Array.from({ length: 5001 }, (_, at) => !Number.isNaN(series.read(1, BEGAN + at, 0)))
  assert.equal(known.slice(-3601).every(Boolean), true)
  assert.ok(known.filter(Boolean).length <= 3660)
})
