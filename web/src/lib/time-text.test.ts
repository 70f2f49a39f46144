import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agoText, lengthText, momentText } from './time-text.ts'

test('a moment says in which zone it is told', () => {
  const local = new Date(2026, 10, 20, 1, 2, 3).getTime()

  assert.equal(momentText('2026-11-20T10:11:49.5Z', 'utc'), '2026-11-20 10:11:49Z')
  assert.equal(momentText(local, 'local'), '2026-11-20 01:02:03')
  assert.equal(momentText('never', 'utc'), 'unknown')
})

test('lengths have two units, and a moment lies before or behind', () => {
  assert.deepEqual([0, 59, 60, 200, 7500, 90_000].map(lengthText), [
    '0 s',
    '59 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
    '1 d 1 h',
  ])
  assert.deepEqual([agoText(0, 5000), agoText(65_000, 5000)], ['5 s ago', 'in 1 min'])
})
