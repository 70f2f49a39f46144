import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredOf, shareOf } from './askers.ts'

const SAID = `Statistics:

  Queries sent:         200
  Queries completed:    150 (75.00%)
  Queries lost:         50 (25.00%)

  Response codes:       NOERROR 140 (93.33%), SERVFAIL 10 (6.67%)
  Average packet size:  request 46, response 54
  Run time (s):         1.000210

  Average Latency (s):  0.000047 (min 0.000017, max 0.000258)
`

test('what is answered without an error counts, of all that was asked', () => {
  const answered = answeredOf(SAID)

  assert.deepEqual(answered, { asked: 200, answered: 140, latency: 0.000047 })
  assert.equal(shareOf(answered), 0.7)
})

test('no answer at all is none, of no question at all too, and a client that says nothing is a mistake', () => {
  const silent = SAID.replace(/ {2}Response codes.*\n/, '').replace('0.000047', 'nan')

  assert.deepEqual(answeredOf(silent), { asked: 200, answered: 0, latency: 0 })
  assert.equal(shareOf({ asked: 0, answered: 0, latency: 0 }), 0)
  assert.throws(() => answeredOf('Error: unknown host'), /does not say how it went/)
})
