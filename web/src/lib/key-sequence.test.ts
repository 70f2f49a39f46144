import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeySequence } from './key-sequence.ts'

const KNOWN = ['?', 'g o', 'g a']

test('two keys in time are one command, and a key alone is another', () => {
  const keys = new KeySequence()

  const pressed = [keys.press('g', 0, KNOWN), keys.press('o', 1200, KNOWN), keys.press('?', 1300, KNOWN)]

  assert.deepEqual(pressed, [undefined, 'g o', '?'])
})

test('too late, or after another key, the first is forgotten', () => {
  const keys = new KeySequence()

  keys.press('g', 0, KNOWN)
  const late = keys.press('o', 1201, KNOWN)
  keys.press('g', 2000, KNOWN)
  keys.press('x', 2001, KNOWN)
  const between = keys.press('a', 2002, KNOWN)

  assert.deepEqual([late, between], [undefined, undefined])
})
