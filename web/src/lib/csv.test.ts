import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvText } from './csv.ts'

test('no cell becomes a formula, and numbers stay numbers', () => {
  const text = csvText(
    ['reason', 'rate'],
    [
      ['=HYPERLINK("http://x")', -5],
      ['@SUM(A1)', 1.5],
      ['+49 30', 0],
      ['-1.5', 2],
      ['\t=1', 3],
      ['plain, with "quotes"', 4],
    ],
  )

  assert.deepEqual(text.split('\r\n'), [
    'reason,rate',
    `"'=HYPERLINK(""http://x"")",-5`,
    "'@SUM(A1),1.5",
    "'+49 30,0",
    '-1.5,2',
    "'\t=1,3",
    '"plain, with ""quotes""",4',
    '',
  ])
})

test('blanks and full-width signs hide no formula, and a semicolon parts no cells', () => {
  const text = csvText(['a'], [[' =1+1'], ['\uff1d1+1'], ['x;=1+1'], [' plain']])

  assert.deepEqual(text.split('\r\n'), ['a', "' =1+1", "'\uff1d1+1", '"x;=1+1"', ' plain', ''])
})
