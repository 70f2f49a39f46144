import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, percentText } from './number-text.ts'

test('large numbers are parted', () => {
  assert.equal(grouped(1_208_345), '1,208,345')
  assert.equal(grouped(1234.56, 1), '1,234.6')
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
