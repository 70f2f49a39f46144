import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchEvery } from './watch.ts'

test('a slow host is copied whole, a fast one by every n-th packet, n a power of two', () => {
  for (const [packetsPerSecond, every] of [
    [0, 1],
    [2000, 1],
    [2001, 2],
    [20_000, 16],
    [1_000_000, 512],
  ] as const) {
    assert.equal(watchEvery(packetsPerSecond, 20), every, `${packetsPerSecond}`)
  }
})

test('who wants many packets gets more copies, so that they are there in about a quarter of a second', () => {
  for (const wanted of [20, 500, 2000, 10_000]) {
    for (const packetsPerSecond of [5000, 50_000, 500_000]) {
      const copies = packetsPerSecond / watchEvery(packetsPerSecond, wanted)

      assert.ok(copies >= Math.min(packetsPerSecond, wanted * 4) / 2, `${wanted} of ${packetsPerSecond}`)
      assert.ok(copies <= Math.max(2000, wanted * 4))
    }
  }
})

test('the spacing has an end', () => {
  assert.equal(watchEvery(1e12, 20), 65_536)
  assert.equal(watchEvery(Number.POSITIVE_INFINITY, 20), 65_536)
})
