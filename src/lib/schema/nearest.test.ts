import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editDistance, nearest } from './nearest.ts'

const KEYS = ['interfaces', 'workers', 'fanout', 'packetsPerSecond', 'threshold_pps', 'ban_time']

test('a misspelt word finds the word that was meant', () => {
  assert.equal(nearest('interface', KEYS), 'interfaces')
  assert.equal(nearest('treshold_pps', KEYS), 'threshold_pps')
  assert.equal(nearest('wrokers', KEYS), 'workers')
})

test('case, underscores and dashes do not count', () => {
  assert.equal(nearest('packets_per_second', KEYS), 'packetsPerSecond')
  assert.equal(nearest('BAN-TIME', KEYS), 'ban_time')
})

test('a word that resembles none finds none', () => {
  assert.equal(nearest('colour', KEYS), undefined)
  assert.equal(nearest('', KEYS), undefined)
  assert.equal(nearest('x'.repeat(100_000), KEYS), undefined)
})

test('a swap of neighbours is one edit', () => {
  assert.equal(editDistance('fanout', 'fanuot'), 1)
  assert.equal(editDistance('', 'abc'), 3)
})

test('the distance is a measure: zero only to itself, the same both ways, at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b)

      assert.equal(distance, editDistance(b, a))
      assert.equal(distance === 0, a === b)
      assert.ok(distance <= Math.max(a.length, b.length))
    }),
  )
})
