import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Wave } from './wave.ts'

const howMany = (wave: Wave): number => {
  let count = 1
  while (!wave.gathers()) count++
  return count
}

test('a wave is half of what gathered for the write before, and never fewer than eight', () => {
  const wave = new Wave()
  assert.equal(howMany(wave), 8)

  for (let more = 8; more < 64; more++) wave.gathers()
  wave.breaks(0)
  assert.equal(howMany(wave), 32)

  wave.breaks(0)
  assert.equal(howMany(wave), 16)

  wave.breaks(0)
  wave.breaks(0)
  assert.equal(howMany(wave), 8)
})

test('a write waits until the one before began two milliseconds ago, and the first for nothing', () => {
  const wave = new Wave()
  const atFirst = wave.restMs(0)
  wave.breaks(1000)

  const rests = [1000, 1000.5, 1002, 1500].map(now => wave.restMs(now))

  assert.equal(atFirst, 0)
  assert.deepEqual(rests, [2, 1.5, 0, 0])
})
