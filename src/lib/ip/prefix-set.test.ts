import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assert as claim } from '#lib/assert.ts'
import { contains, formatPrefix, overlaps, type Prefix, parsePrefix, prefixOf } from './prefix.ts'
import { PrefixSet } from './prefix-set.ts'

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text)
  claim(parsed !== undefined, `${text} is a prefix`)
  return parsed
}

const setOf = (...texts: string[]) => new PrefixSet(texts.map(prefix))

test('the longest member around a prefix is found', () => {
  const set = setOf('10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32')

  const cover = set.covering(prefix('10.1.2.0/24'))

  assert.equal(cover && formatPrefix(cover), '10.1.0.0/16')
  assert.equal(set.covering(prefix('11.0.0.0/8')), undefined)
  assert.equal(set.covering(prefix('::/0')), undefined)
})

test('addresses in nested members are counted once', () => {
  const set = setOf('10.0.0.0/24', '10.0.0.0/25', '10.0.0.7/32', '192.0.2.1/32')

  assert.equal(set.countAddresses(4), 257n)
  assert.equal(set.countAddresses(6), 0n)
})

test('answers equal those of comparing with each member', () => {
  // A narrow range, so that prefixes meet often.
  const near = fc
    .tuple(fc.bigInt(0n, 0xffn), fc.integer({ min: 20, max: 32 }))
    .map(([value, length]) => prefixOf({ family: 4, value: (10n << 24n) | (value << 4n) }, length))
  fc.assert(
    fc.property(fc.array(near, { maxLength: 20 }), near, (members, asked) => {
      const set = new PrefixSet(members)
      const around = members.filter(member => contains(member, asked)).map(member => member.length)

      assert.equal(set.covering(asked)?.length, around.length === 0 ? undefined : Math.max(...around))
      assert.equal(
        set.overlaps(asked),
        members.some(member => overlaps(member, asked)),
      )
    }),
  )
})
