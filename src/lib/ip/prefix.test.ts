// Prefixes: reading, containing, overlapping.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, bitsOf, parseAddress } from './address.ts'
import {
  contains,
  formatPrefix,
  hasHostBits,
  overlaps,
  type Prefix,
  parsePrefix,
  prefixOf,
} from './prefix.ts'

const familyArbitrary = fc.constantFrom(4 as const, 6 as const)
const addresses = familyArbitrary.chain(family =>
  fc
    .bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n })
    .map((value): Address => ({ family, value })),
)
const prefixes = addresses.chain(address =>
  fc.nat(bitsOf(address.family)).map(length => prefixOf(address, length)),
)

function address(text: string): Address {
  const found = parseAddress(text)
  assert.ok(found !== undefined, text)
  return found
}

function prefix(text: string): Prefix {
  const found = parsePrefix(text)
  assert.ok(found !== undefined, text)
  return found
}

/** First and last address of a prefix. */
function rangeOf({ family, value, length }: Prefix): { first: bigint; last: bigint } {
  return { first: value, last: value + (1n << BigInt(bitsOf(family) - length)) - 1n }
}

test('any prefix reads back from its text', () => {
  fc.assert(
    fc.property(prefixes, any => {
      assert.deepEqual(parsePrefix(formatPrefix(any)), any)
      assert.equal(hasHostBits(formatPrefix(any)), false)
    }),
  )
})

test('an address lies in its own prefix of every length', () => {
  fc.assert(
    fc.property(addresses, fc.nat(128), (any, wanted) => {
      const length = Math.min(wanted, bitsOf(any.family))

      assert.equal(contains(prefixOf(any, length), any), true)
    }),
  )
})

test('a prefix contains exactly the addresses between its first and last', () => {
  fc.assert(
    fc.property(prefixes, addresses, (any, candidate) => {
      const { first, last } = rangeOf(any)
      const isInside = candidate.family === any.family && candidate.value >= first && candidate.value <= last

      assert.equal(contains(any, candidate), isInside)
      assert.equal(contains(any, { family: any.family, value: first }), true)
      assert.equal(contains(any, { family: any.family, value: last }), true)
    }),
  )
})

test('prefixes contain and overlap each other as their ranges do', () => {
  fc.assert(
    fc.property(prefixes, fc.nat(128), fc.boolean(), prefixes, (a, wanted, isNear, other) => {
      const near = prefixOf({ family: a.family, value: a.value }, Math.min(wanted, bitsOf(a.family)))
      const b = isNear ? near : other
      const [one, two] = [rangeOf(a), rangeOf(b)]
      const isSame = a.family === b.family

      assert.equal(contains(a, b), isSame && one.first <= two.first && two.last <= one.last)
      assert.equal(overlaps(a, b), isSame && one.first <= two.last && two.first <= one.last)
      assert.equal(overlaps(a, b), overlaps(b, a))
    }),
  )
})

test('a bare address is a prefix of full length', () => {
  assert.equal(formatPrefix(prefix('192.0.2.1')), '192.0.2.1/32')
  assert.equal(formatPrefix(prefix('2001:db8::1')), '2001:db8::1/128')
})

test('host bits are cleared, and told of', () => {
  assert.equal(formatPrefix(prefix('10.99.1.77/16')), '10.99.0.0/16')
  assert.equal(formatPrefix(prefix('2001:db8:ffff::1/33')), '2001:db8:8000::/33')
  assert.equal(hasHostBits('10.99.1.77/16'), true)
  assert.equal(hasHostBits('10.99.0.0/16'), false)
  assert.equal(hasHostBits('10.99.1.77'), false)
  assert.equal(hasHostBits('nonsense/16'), false)
})

test('the edges of the family are prefixes, what lies beyond is none', () => {
  for (const text of ['0.0.0.0/0', '::/0', '10.0.0.1/32', '::1/128'])
    assert.ok(parsePrefix(text) !== undefined)
  const wrong = [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0/8',
    '10.0.0.0/8 ',
    '::/1e1',
  ]
  for (const text of wrong) assert.equal(parsePrefix(text), undefined, text)
})

test('families never mix', () => {
  assert.equal(contains(prefix('0.0.0.0/0'), address('::1')), false)
  assert.equal(contains(prefix('::/0'), address('1.2.3.4')), false)
  assert.equal(overlaps(prefix('::/0'), prefix('0.0.0.0/0')), false)
})
