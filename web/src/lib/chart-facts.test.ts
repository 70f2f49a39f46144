import assert from 'node:assert/strict'
import { test } from 'node:test'
import { condensed, factsOf } from './chart-facts.ts'

const TIMES = [10, 11, 12, 13, 14]

test('a line is told by its last value and its first peak', () => {
  const facts = factsOf(TIMES, { label: 'in', values: [1, 9, null, 9, null] })

  assert.deepEqual(facts, { label: 'in', last: 9, highest: 9, highestAt: 11 })
  assert.deepEqual(factsOf(TIMES, { label: 'none', values: [null, null] }).last, undefined)
})

test('a table of a chart is short and keeps each peak', () => {
  const rows = condensed(TIMES, [{ label: 'in', values: [1, 9, null, 3, null] }], 2)

  assert.deepEqual(rows, [
    { time: 10, values: [9] },
    { time: 13, values: [3] },
  ])
})
