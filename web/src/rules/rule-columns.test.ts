import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_RULE } from '#api/contract/examples-resources.ts'
import { isLiveRule, mayRetry, ruleColumns, ruleTone } from './rule-columns.ts'

const cell = (key: string, row: typeof EXAMPLE_RULE) =>
  ruleColumns(at => at)
    .find(column => column.key === key)
    ?.text(row)

test('a rule says what it is and when it ends', () => {
  const blackhole = { ...EXAMPLE_RULE, kind: 'blackhole' as const, rule: '192.0.2.1/32', renews: true }
  const ended = { ...blackhole, endedAt: '2026-11-20T10:30:00.000Z', state: 'withdrawn' as const }

  assert.equal(cell('rule', blackhole), 'blackhole 192.0.2.1/32')
  assert.equal(cell('ends', EXAMPLE_RULE), EXAMPLE_RULE.endsAt)
  assert.equal(cell('ends', blackhole), 'when somebody withdraws it')
  assert.equal(cell('ends', ended), ended.endedAt)
  assert.equal(cell('state', { ...EXAMPLE_RULE, dryRun: true }), 'active, dry run')
})

test('what may be done follows from the state', () => {
  assert.deepEqual([isLiveRule({ state: 'failed' }), isLiveRule({ state: 'expired' })], [true, false])
  assert.deepEqual([mayRetry({ state: 'refused' }), mayRetry({ state: 'active' })], [true, false])
  assert.deepEqual(
    (['active', 'failed', 'pending', 'monitored'] as const).map(state => ruleTone({ state })),
    ['good', 'danger', 'warn', 'quiet'],
  )
})
