import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Friends } from './friends.ts'

const GENERATION_SECONDS = 600

/** Any fixed spread of numbers over 32 bits. */
const pairNumber = (at: number): number => Math.imul(at + 1, 0x9e37_79b1)

function meet(friends: Friends, pair: number): void {
  friends.saw(pair, true)
  friends.saw(pair, false)
}

test('who talked both ways is a friend, who only sends or only is sent to is none', () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (pair, isIncoming) => {
      const friends = new Friends(GENERATION_SECONDS)
      friends.saw(pair, isIncoming)
      assert.equal(friends.isFriend(pair), false)

      friends.saw(pair, !isIncoming)

      assert.equal(friends.isFriend(pair), true)
    }),
    { numRuns: 20 },
  )
})

test('a friend is remembered for one generation more, and forgotten after two', () => {
  const friends = new Friends(GENERATION_SECONDS)
  friends.age(0)
  meet(friends, 7)

  friends.age(GENERATION_SECONDS)
  const afterOne = friends.isFriend(7)
  friends.age(GENERATION_SECONDS * 2)

  assert.equal(afterOne, true)
  assert.equal(friends.isFriend(7), false)
})

test('of strangers at most one in a hundred passes, even when the filter is as full as it gets', () => {
  const friends = new Friends(GENERATION_SECONDS)
  for (let at = 0; at < 150_000; at++) meet(friends, pairNumber(at))
  let known = 0
  let strangers = 0
  for (let at = 0; at < 10_000; at++) {
    if (friends.isFriend(pairNumber(at))) known++
    if (friends.isFriend(pairNumber(1_000_000 + at))) strangers++
  }

  assert.equal(known, 10_000)
  assert.ok(strangers < 100, `${strangers} of 10,000`)
})

test('a filter that is half full grows old at once, so that a scan cannot make everybody a friend', () => {
  const friends = new Friends(GENERATION_SECONDS)
  friends.age(0)
  meet(friends, 7)
  for (let at = 0; at < 2_000_000; at += 1) {
    friends.saw(pairNumber(at), true)
    if (at % 100_000 === 0) friends.age(1)
  }
  let strangers = 0
  for (let at = 0; at < 1000; at++) if (friends.isFriend(pairNumber(5_000_000 + at))) strangers++

  assert.equal(friends.isFriend(7), false)
  assert.equal(strangers, 0)
  assert.equal(friends.memoryBytes, 512 * 1024)
})
