import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DoneWrites } from './done-writes.ts'

test('each write is acted upon once, by whoever comes first: a look or its message', () => {
  const done = new DoneWrites()
  assert.equal(done.look(), false)

  DoneWrites.count(done.counted)
  assert.deepEqual([done.look(), done.look(), done.hear()], [true, false, false])

  DoneWrites.count(done.counted)
  assert.deepEqual([done.hear(), done.look()], [true, false])
})
