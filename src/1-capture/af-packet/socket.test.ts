import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retireMilliseconds } from './socket.ts'

test('blocks of a large ring are handed over ten times in a detection tick', () => {
  assert.equal(retireMilliseconds(32), 10)
  assert.equal(retireMilliseconds(64), 10)
  assert.equal(retireMilliseconds(4096), 10)
})

test('a smaller ring lasts as long, but nothing waits longer than a tick', () => {
  assert.equal(retireMilliseconds(16), 20)
  assert.equal(retireMilliseconds(8), 40)
  assert.equal(retireMilliseconds(4), 80)
  assert.equal(retireMilliseconds(1), 100)
})
