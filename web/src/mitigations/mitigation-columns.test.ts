import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_MITIGATION } from '#api/contract/examples-resources.ts'
import { shownRows } from '../lib/table-view.ts'
import { isLive, mitigationColumns, outcomeWords, stateText, stateTone } from './mitigation-columns.ts'

const columns = mitigationColumns(at => at)

test('a standing one ends when somebody ends it, and is sorted last', () => {
  const standing = { ...EXAMPLE_MITIGATION, id: 'b', isStanding: true, expiresAt: '2026-01-01T00:00:00.000Z' }
  const ended = { ...standing, id: 'c', state: 'withdrawn' as const, endedAt: '2026-11-20T10:00:00.000Z' }

  const shown = shownRows([standing, EXAMPLE_MITIGATION, ended], columns, '', { key: 'ends', isDown: false })
  const ends = columns.find(({ key }) => key === 'ends')

  assert.deepEqual(
    shown.map(({ id }) => id),
    ['c', EXAMPLE_MITIGATION.id, 'b'],
  )
  assert.equal(ends?.text(standing), 'when somebody ends it')
  assert.equal(ends?.text(ended), ended.endedAt)
})

test('states stand out by what they mean', () => {
  const failed = { state: 'failed', isDryRun: false } as const
  const dry = { state: 'announced', isDryRun: true } as const

  assert.deepEqual(
    [stateTone(failed), stateTone(dry), stateTone(EXAMPLE_MITIGATION)],
    ['danger', 'quiet', 'good'],
  )
  assert.deepEqual([stateText(dry), stateText(failed)], ['dry run, announced', 'failed'])
  assert.deepEqual([isLive(failed), isLive({ state: 'expired' })], [true, false])
})

test('what came of many is one sentence', () => {
  const results = [
    { id: 'a', outcome: 'withdrawn' as const },
    { id: 'b', outcome: 'withdrawn' as const },
    { id: 'c', outcome: 'failed' as const, problem: 'no' },
  ]

  assert.deepEqual(outcomeWords({ results, done: 2 }), { text: '2 withdrawn, 1 failed: no', isWhole: false })
  assert.deepEqual(outcomeWords({ results: results.slice(0, 1), done: 1 }), {
    text: '1 withdrawn',
    isWhole: true,
  })
})
