import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, numberText, percentText } from './number-text.ts'

test('large numbers are parted', () => {
  assert.equal(grouped(1_208_345), '1,208,345')
  assert.equal(grouped(1234.56, 1), '1,234.6')
  assert.deepEqual([0, 999, -1_000_000.5, 1000.1239, 123_456].map(numberText), [
    ...['0', '999', '-1,000,000.5', '1,000.124', '123,456'],
  ])
  for (const value of [0, -1, 12_345_678, 1e15, 0.25, 1234.5])
    assert.equal(numberText(value), value.toLocaleString('en-US'))
})

test('a small share is not rounded to nothing', () => {
  assert.deepEqual([0, 0.00001, 0.0012345, 12.5, 100].map(percentText), [
    '0 %',
    '< 0.001 %',
    '0.00123 %',
    '12.5 %',
    '100 %',
  ])
})
