import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

test('keys are in order at every depth, and what is undefined is not there', () => {
  assert.equal(
    canonicalJson({ b: [{ z: 1, a: undefined, y: null }], a: 'x', __proto__: { not: 'own' } }),
    '{"a":"x","b":[{"y":null,"z":1}]}',
  )
})

test('the same value gives the same text, however its keys came, and the text says the value', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, shuffled(inner)])
    return Object.fromEntries(entries.toReversed())
  }
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(shuffled(value)), text)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})
