// Where memory in large pages begins, and that it costs nothing before it is touched.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reserveLargePages } from './large-pages.ts'
import { addressOf } from './libc.ts'

const LARGE = 2 << 20

test('memory in large pages begins at one, is as long as it was wanted, and is zero', () => {
  const { buffer, offset } = reserveLargePages(3 * LARGE, LARGE)
  const words = new Int32Array(buffer, offset, (3 * LARGE) / 4)

  words[words.length - 1] = 7

  assert.equal((addressOf(new Uint8Array(buffer)) + BigInt(offset)) % BigInt(LARGE), 0n)
  assert.equal(words[0], 0)
  assert.equal(words.at(-1), 7)
})

test('what nobody touches costs no memory', () => {
  const before = process.memoryUsage.rss()

  const { buffer, offset } = reserveLargePages(256 * LARGE, LARGE)
  new Uint8Array(buffer, offset)[0] = 1

  assert.ok(process.memoryUsage.rss() - before < 16 * LARGE)
})
