import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatPrefix, parsePrefix } from './prefix.ts'
import { formatSpan, freeBitsOf, isWithin, parseSpan, prefixAround, spanOf } from './span.ts'

test('prefixes, addresses and ranges are spans', () => {
  assert.deepEqual(parseSpan('192.0.2.0/24'), spanOf(parsePrefix('192.0.2.0/24')!))
  assert.deepEqual(parseSpan('192.0.2.10-192.0.2.20'), { family: 4, first: 0xc000_020an, last: 0xc000_0214n })
  assert.deepEqual(parseSpan('2001:db8::1 - 2001:db8::9')?.family, 6)
  const one = parseSpan('2001:db8::1')
  assert.equal(one?.first, one?.last)
})

test('what is no span is refused', () => {
  for (const text of [
    '',
    '-',
    '192.0.2.9-192.0.2.1',
    '192.0.2.1-2001:db8::1',
    '192.0.2.0/24-192.0.2.9',
    '1-2',
    'a',
  ])
    assert.equal(parseSpan(text), undefined, text)
})

test('a span is written as a prefix where it is one, and is read again as the same', () => {
  assert.equal(formatSpan(parseSpan('192.0.2.0-192.0.2.255')!), '192.0.2.0/24')
  assert.equal(formatSpan(parseSpan('192.0.2.1-192.0.2.2')!), '192.0.2.1-192.0.2.2')
  fc.assert(
    fc.property(
      fc.constantFrom(4 as const, 6 as const),
      fc.bigInt(0n, 2n ** 32n - 1n),
      fc.bigInt(0n, 2n ** 32n - 1n),
      (family, one, other) => {
        const span = { family, first: one < other ? one : other, last: one < other ? other : one }

        assert.deepEqual(parseSpan(formatSpan(span)), span)
      },
    ),
  )
})

test('within means all of it, of the same family', () => {
  const outer = parseSpan('10.0.0.0/24')!

  assert.ok(isWithin(parseSpan('10.0.0.0-10.0.0.255')!, outer))
  assert.ok(!isWithin(parseSpan('10.0.0.250-10.0.1.1')!, outer))
  assert.ok(!isWithin(parseSpan('::10.0.0.1')!, outer))
})

test('a prefix has free bits behind its length, and another span has none', () => {
  assert.equal(freeBitsOf(parseSpan('10.0.0.0/24')!), 8)
  assert.equal(freeBitsOf(parseSpan('::/0')!), 128)
  assert.equal(freeBitsOf(parseSpan('10.0.0.1')!), 0)
  assert.equal(freeBitsOf(parseSpan('10.0.0.1-10.0.0.2')!), undefined)
  assert.equal(freeBitsOf(parseSpan('10.0.0.0-10.0.0.2')!), undefined)
})

test('the prefix around a span is the longest that holds all of it', () => {
  assert.equal(formatPrefix(prefixAround(parseSpan('192.0.2.10-192.0.2.20')!)), '192.0.2.0/27')
  assert.equal(formatPrefix(prefixAround(parseSpan('192.0.2.1')!)), '192.0.2.1/32')
  assert.equal(formatPrefix(prefixAround(parseSpan('0.0.0.1-255.0.0.0')!)), '0.0.0.0/0')
  assert.equal(formatPrefix(prefixAround(parseSpan('2001:db8::/33')!)), '2001:db8::/33')
})
