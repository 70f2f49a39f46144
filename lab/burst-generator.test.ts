// Bursts are as large as their rate or the time that is left allows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { burstPackets } from './burst-generator.ts'

test('at a rate a burst is a tenth of a second', () => {
  assert.equal(burstPackets(1_000_000, 0, 0, 5000), 100_000)
})

test('no call makes more than a million packets', () => {
  assert.equal(burstPackets(1e9, 0, 0, 5000), 1 << 20)
  assert.equal(burstPackets('max', 4_000_000, 1000, 5000), 1 << 20)
})

test('at the maximum rate the last call ends when the time is over', () => {
  assert.equal(burstPackets('max', 4_000_000, 1000, 1100), 400_000)
})

test('the first call at the maximum rate is a short one', () => {
  assert.equal(burstPackets('max', 0, 0, 5000), 1 << 17)
})
