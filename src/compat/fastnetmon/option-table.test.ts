import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPTION_BY_NAME, OPTIONS, POLICY_KEYS } from './option-table.ts'

test('each option stands in the table once', () => {
  assert.equal(OPTION_BY_NAME.size, OPTIONS.length)
})

test('an option that belongs to a switch names one that exists', () => {
  const strays = OPTIONS.filter(
    ({ onlyWith }) => onlyWith !== '' && OPTION_BY_NAME.get(onlyWith)?.kind !== 'switch',
  )

  assert.deepEqual(strays, [])
})

test('an option that is not carried says why', () => {
  const silent = OPTIONS.filter(({ state, note }) => state !== 'honoured' && note === '')

  assert.deepEqual(silent, [])
})

test('a hostgroup has a switch and thirteen limits', () => {
  assert.equal(POLICY_KEYS.length, 1 + 2 * 13)
  assert.ok(POLICY_KEYS.every(key => OPTION_BY_NAME.get(key)?.state === 'honoured'))
})
