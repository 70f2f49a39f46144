import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { shortestList } from './prefix-list.ts'

const list = (...texts: string[]): string[] =>
  shortestList(texts.map(text => parsePrefix(text)!)).map(formatPrefix)

test('neighbours that make up a wider prefix become it, over and over', () => {
  assert.deepEqual(list('10.0.3.0/24', '10.0.0.0/24', '10.0.2.0/24', '10.0.1.0/24'), ['10.0.0.0/22'])
  assert.deepEqual(list('10.0.1.0/24', '10.0.2.0/24'), ['10.0.1.0/24', '10.0.2.0/24'])
  assert.deepEqual(list('2001:db8:0:1::/64', '2001:db8::/64'), ['2001:db8::/63'])
})

test('what lies in another one is left out, and the families stay apart', () => {
  assert.deepEqual(list('10.0.0.0/16', '10.0.7.0/24', '10.0.0.0/16'), ['10.0.0.0/16'])
  assert.deepEqual(list('2001:db8::/48', '192.0.2.0/24'), ['192.0.2.0/24', '2001:db8::/48'])
  assert.deepEqual(list(), [])
})

test('the list covers the same addresses, and no shorter one would', () => {
  const prefix = fc
    .record({ base: fc.nat(255), length: fc.integer({ min: 24, max: 32 }) })
    .map(({ base, length }) => {
      const value = BigInt(base) & ~((1n << BigInt(32 - length)) - 1n)
      return { family: 4, value: 0x0a00_0000n | value, length } as Prefix
    })
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), prefixes => {
      const found = shortestList(prefixes)
      const covered = Array.from(
        { length: 256 },
        (_, low) => ({ family: 4, value: 0x0a00_0000n + BigInt(low) }) as const,
      )
      const isIn = (of: readonly Prefix[]) => covered.map(one => of.some(whole => contains(whole, one)))
      assert.deepEqual(isIn(found), isIn(prefixes))
      assert.equal(found.length, fewest(isIn(prefixes), 0, 256))
    }),
  )
})

/** Fewest prefixes for a set of 256 addresses, by halving it. */
function fewest(isIn: readonly boolean[], from: number, size: number): number {
  const part = isIn.slice(from, from + size)
  if (part.every(Boolean)) return 1
  if (!part.some(Boolean)) return 0
  return fewest(isIn, from, size / 2) + fewest(isIn, from + size / 2, size / 2)
}
