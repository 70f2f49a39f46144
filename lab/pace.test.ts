// Packets are due by the clock, whatever happened before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastMilliseconds, packetsDue, untilDue } from './pace.ts'

test('the first packet is due at once and the others follow at the rate', () => {
  assert.deepEqual(
    [0, 0.9, 1, 10, 1000].map(elapsed => packetsDue(1000, 500, elapsed)),
    [1, 1, 2, 11, 500],
  )
})

test('at the maximum rate everything is due at once', () => {
  assert.equal(packetsDue('max', 500, 0), 500)
})

test('the sleep ends when the next packet is due and is never too short to be a sleep', () => {
  assert.equal(untilDue(100, 3, 20), 10)
  assert.equal(untilDue(100, 3, 40), 0.2)
})

test('a paced run may end a little late, an unpaced one may not', () => {
  assert.deepEqual([lastMilliseconds(1000, 2), lastMilliseconds('max', 2)], [2500, 2000])
})
