import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LABEL_LENGTHS, labelOf, questionHex } from './question.ts'

test('a question has its header, its name in labels, its type and its buffer size', () => {
  const hex = questionHex('abc.example.test', 0x0102)

  assert.equal(
    hex,
    '01020100000100000000000103616263076578616d706c6504746573740000010001' + '00002904d0000000000000',
  )
})

test('labels are as long as asked, of letters, and differ', () => {
  const labels = Array.from({ length: 100 }, (_, number) => labelOf(number, 9))

  for (const label of labels) assert.match(label, /^[a-z]{9}$/)
  assert.ok(new Set(labels).size > 20)
  assert.equal(new Set(LABEL_LENGTHS).size, LABEL_LENGTHS.length)
})
