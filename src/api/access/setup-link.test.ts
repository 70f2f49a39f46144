import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetupLink } from './setup-link.ts'

test('a link works once, unless it is given back', () => {
  const link = new SetupLink(() => 0)

  const claims = [link.claim('other'), link.claim(link.secret), link.claim(link.secret)]
  link.giveBack()
  const again = link.claim(link.secret)

  assert.deepEqual([claims, again, link.isOpen], [[false, true, false], true, false])
})

test('a link is over after a quarter of an hour, and no two are alike', () => {
  const clock = { now: 1000 }
  const link = new SetupLink(() => clock.now)

  clock.now += 15 * 60_000 - 1
  const before = link.isOpen
  clock.now += 1

  assert.deepEqual([before, link.isOpen, link.claim(link.secret)], [true, false, false])
  assert.match(link.secret, /^[A-Za-z0-9_-]{43}$/)
  assert.notEqual(new SetupLink(() => 0).secret, link.secret)
})
