import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lazily } from './lazily.ts'

test('a value is made when it is first asked for, and once, also when there is none', () => {
  let times = 0
  const value = lazily(() => {
    times++
    return undefined
  })

  assert.equal(times, 0)
  assert.deepEqual([value(), value()], [undefined, undefined])
  assert.equal(times, 1)
})
