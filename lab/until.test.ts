import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from './until.ts'

test('a question that took longer than the limit is asked once more, for it was asked before', async () => {
  let asked = 0
  await until(async () => {
    asked++
    await sleep(30)
    return asked === 2 || 'not yet'
  }, 0.01)
  assert.equal(asked, 2)
})

test('what never comes fails with the last answer, and the limit', async () => {
  let asked = 0
  await assert.rejects(
    until(async () => `look ${++asked}`, 0.05),
    (error: Error) => error.message === `not within 0.05 s: look ${asked}`,
  )
  assert.ok(asked > 1)
})
