import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nestsTooDeep } from './json-nesting.ts'

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

test('64 levels of lists and objects may nest, one more may not, whatever stands beside them', () => {
  assert.equal(nestsTooDeep(lists(64)), false)
  assert.equal(nestsTooDeep(lists(65)), true)
  assert.equal(nestsTooDeep(`${'{"a":['.repeat(32)}1${']}'.repeat(32)}`), false)
  assert.equal(nestsTooDeep(`{"a":${lists(64)}}`), true)
  assert.equal(nestsTooDeep(`[${Array.from({ length: 1000 }, () => '[]').join()}]`), false)
})

test('brackets within strings are none, and an escaped quote does not end one', () => {
  assert.equal(nestsTooDeep(JSON.stringify('['.repeat(1000))), false)
  assert.equal(nestsTooDeep(JSON.stringify({ a: `\\"${'{'.repeat(1000)}` })), false)
  assert.equal(nestsTooDeep(`["\\\\",${lists(64)}]`), true)
})
