import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationText, momentText } from './local-time.ts'

test('a moment is local date and time', () => {
  assert.equal(momentText(new Date(2026, 0, 2, 3, 4, 5).getTime()), '2026-01-02 03:04:05')
})

test('a length of time is told in its two largest units', () => {
  const told = [0, 45, 60, 200, 7500, 7200, 86_400 * 12 + 3 * 3600].map(durationText)

  assert.deepEqual(told, ['0 s', '45 s', '1 min', '3 min 20 s', '2 h 5 min', '2 h', '12 d 3 h'])
})
