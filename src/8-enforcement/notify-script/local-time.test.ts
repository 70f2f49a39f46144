import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localTime } from './local-time.ts'

test('local time has microseconds and is the time on the wall', () => {
  const at = new Date(2026, 10, 20, 9, 8, 7, 6)

  assert.equal(localTime(at.getTime() * 1000 + 5), '2026-11-20 09:08:07.006005')
  assert.equal(localTime(at.getTime() * 1000 + 999), '2026-11-20 09:08:07.006999')
})
