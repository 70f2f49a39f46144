import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyQueue } from './key-queue.ts'

test('a key waits once, with its newest value, and what arrived meanwhile is not lost', () => {
  const queue = new KeyQueue({ keysMax: 10, bytesMax: 1000 })
  queue.put('a', '1')
  queue.put('b', '2')

  queue.put('a', '3')
  assert.deepEqual(queue.first, ['b', '2'])
  queue.done('b', '2')
  queue.done('a', '1')

  assert.deepEqual(queue.first, ['a', '3'])
  assert.equal(queue.size, 1)
})

test('beyond its bounds the oldest are dropped and counted', () => {
  const queue = new KeyQueue({ keysMax: 3, bytesMax: 100 })
  for (const key of ['a', 'b', 'c', 'd']) queue.put(key, key)
  assert.deepEqual([queue.size, queue.dropped, queue.first?.[0]], [3, 1, 'b'])

  queue.put('e', 'x'.repeat(99))
  assert.deepEqual([queue.size, queue.dropped], [2, 3])
  queue.put('f', 'x'.repeat(101))

  assert.deepEqual([queue.size, queue.dropped], [0, 6])
})
