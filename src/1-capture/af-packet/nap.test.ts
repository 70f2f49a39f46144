import assert from 'node:assert/strict'
import { test } from 'node:test'
import { napMilliseconds } from './nap.ts'

test('blocks that come now and then are waited for one by one', () => {
  assert.equal(napMilliseconds(0, 0, 32), 0)
  assert.equal(napMilliseconds(0, 100, 32), 0)
  assert.equal(napMilliseconds(10, 100, 32), 0)
})

test('the faster blocks come the shorter is the nap, of which an eighth of the ring is filled at most', () => {
  assert.equal(napMilliseconds(15, 100, 32), 10)
  assert.equal(napMilliseconds(50, 100, 32), 8)
  assert.equal(napMilliseconds(200, 100, 32), 2)
})

test('a small ring is never left to itself', () => {
  assert.equal(napMilliseconds(1000, 100, 32), 0)
  assert.equal(napMilliseconds(50, 100, 1), 0)
})
