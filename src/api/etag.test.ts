import assert from 'node:assert/strict'
import { test } from 'node:test'
import { etagOf, heldByIfMatch, isKnownByIfNoneMatch } from './etag.ts'

const tag = etagOf({ a: 1, b: [{ c: 2, d: undefined }] })

test('the tag is strong, and of the facts alone', () => {
  assert.match(tag, /^"[\w-]{27}"$/)
  assert.equal(etagOf({ b: [{ c: 2 }], a: 1 }), tag)
  assert.notEqual(etagOf({ a: 1, b: [{ c: 3 }] }), tag)
  assert.notEqual(etagOf([1, 2]), etagOf([2, 1]))
})

test('a change goes on when it names the present state, and else says which it is', () => {
  assert.equal(heldByIfMatch(tag, tag, 'required'), undefined)
  assert.equal(heldByIfMatch(`"other", ${tag}`, tag, 'required'), undefined)
  assert.equal(heldByIfMatch('*', tag, 'required'), undefined)
  assert.equal(heldByIfMatch(undefined, tag, 'optional'), undefined)
  assert.equal(heldByIfMatch(undefined, tag, 'required')?.code, 'precondition-required')
  for (const header of ['"other"', `W/${tag}`, tag.slice(1, -1), '', ',,'])
    assert.equal(heldByIfMatch(header, tag, 'optional')?.code, 'precondition-failed', header)
})

test('who has it already needs not be sent it again; there a weak tag is enough', () => {
  assert.equal(isKnownByIfNoneMatch(`"a",  W/${tag}`, tag), true)
  assert.equal(isKnownByIfNoneMatch('*', tag), true)
  assert.equal(isKnownByIfNoneMatch('"a"', tag), false)
  assert.equal(isKnownByIfNoneMatch(undefined, tag), false)
})
