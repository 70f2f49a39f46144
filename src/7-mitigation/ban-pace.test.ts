import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BanPace, PACE_MS } from './ban-pace.ts'

test('a ban counts for a minute', () => {
  const pace = new BanPace(10)
  pace.began(1000)
  pace.began(31_000)

  assert.equal(pace.within(31_000), 2)
  assert.equal(pace.within(60_999), 2)
  assert.equal(pace.within(61_000), 1)
  assert.equal(pace.within(91_000), 0)
})

test('a clock that is put back an hour does not hold bans up for an hour', () => {
  const pace = new BanPace(10)
  pace.began(3_600_000)

  assert.equal(pace.within(0), 0)
})

test('it counts as a list would, up to its size', () => {
  const size = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(size, fc.array(fc.nat(30_000)), (most, steps) => {
      const pace = new BanPace(most)
      const moments: number[] = []
      let now = 0
      for (const step of steps) {
        now += step
        pace.began(now)
        moments.push(now)
        const within = moments.filter(at => now - at < PACE_MS).length
        assert.equal(pace.within(now), Math.min(within, most))
      }
    }),
  )
})
