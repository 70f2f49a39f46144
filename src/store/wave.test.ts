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
  wave.breaks()
  assert.equal(howMany(wave), 32)

  wave.breaks()
  assert.equal(howMany(wave), 16)

  wave.breaks()
  wave.breaks()
  assert.equal(howMany(wave), 8)
})
