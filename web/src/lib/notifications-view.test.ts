import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Destination, leadsTo, rank, standing, testedText } from './notifications-view.ts'

const destination = (changes: Partial<Destination>): Destination => ({
  ...{ id: 'chat', name: 'chat', type: 'slack', origin: 'configuration', state: 'ok', waiting: 0, sent: 1 },
  ...{ lost: 0, deadLetters: 0, events: [], ...changes },
})

test('what fails is said before what waits, and what waits before what is good', () => {
  const all = [
    destination({}),
    destination({ state: 'unused' }),
    destination({ waiting: 3 }),
    destination({ deadLetters: 1, waiting: 3 }),
    destination({ state: 'failing', waiting: 2, deadLetters: 4 }),
  ]

  assert.deepEqual(
    all.map(each => standing(each).text),
    ['good', 'not used yet', '3 waiting', '1 dead letter', 'failing, 2 waiting'],
  )
  assert.deepEqual(all.map(rank), [3, 2, 1, 1, 0])
})

test('what came of a test is one sentence', () => {
  const result = { destination: 'chat', type: 'slack', milliseconds: 12 }

  assert.deepEqual(testedText({ results: [{ ...result, outcome: 'taken' }] }), {
    ...{ isFine: true, text: 'Test message: chat took it in 12 ms.' },
  })
  assert.deepEqual(
    testedText({
      results: [
        { ...result, outcome: 'taken' },
        { ...result, outcome: 'failed', error: 'HTTP 403' },
      ],
    }),
    { isFine: false, text: 'Test message: chat: HTTP 403.' },
  )
  assert.equal(testedText({ results: [] }).isFine, false)
  assert.equal(
    leadsTo({ title: '', text: '', form: 'words', body: '', to: [] }),
    'Its routes lead to nobody.',
  )
})
