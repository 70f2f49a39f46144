import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bridged } from './bridged.ts'

test('a short gap between known values is crossed, and a longer one, a beginning and an end are not', () => {
  assert.deepEqual(bridged([null, 1, null, null, 4, null, null, null, 8, null], 2), [
    ...[null, 1, 1, 1, 4, null, null, null, 8, null],
  ])
  assert.deepEqual(bridged([], 2), [])
})
