import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnownByIfNoneMatch } from './etag.ts'

const tag = '"a1-_"'

test('who has it already needs not be sent it again; a weak tag is enough for that', () => {
  assert.equal(isKnownByIfNoneMatch(`"a",  W/${tag}`, tag), true)
  assert.equal(isKnownByIfNoneMatch(tag, tag), true)
  assert.equal(isKnownByIfNoneMatch('*', tag), true)
  assert.equal(isKnownByIfNoneMatch('"a"', tag), false)
  assert.equal(isKnownByIfNoneMatch('a1-_', tag), false)
  assert.equal(isKnownByIfNoneMatch(undefined, tag), false)
})
