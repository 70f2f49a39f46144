import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { prefixesOfSpan } from '#lib/ip/span.ts'
import { readCountries } from './country-database.ts'

const read = (text: string, ...wanted: string[]) => {
  const answer = readCountries(text, new Set(wanted))
  return answer.kind === 'read' ? answer.prefixesOf(wanted) : answer.problem
}

test('prefixes, ranges and numbers with a code are read, with and without quotes, of both families', () => {
  const text = [
    '# a list',
    '192.0.2.0/25,aa',
    '192.0.2.128,192.0.2.130,AA',
    '"3325256704","3325256704","AA","Somewhere"',
    '2001:db8::,2001:db8::ffff,AA',
    '198.51.100.0/24,BB\r',
  ].join('\n')

  assert.deepEqual(read(text, 'AA'), [
    '192.0.2.0/25',
    '192.0.2.128/31',
    '192.0.2.130/32',
    '198.51.100.0/32',
    '2001:db8::/112',
  ])
  assert.deepEqual(read(text, 'BB'), ['198.51.100.0/24'])
  assert.match(String(read(text, 'CC')), /it has no line for CC/)
})

test('nonsense, and countries with too many prefixes, are refused with a sentence', () => {
  assert.match(String(read('a,b,c\n1.2.3.4\n', 'AA')), /1 of 2 lines are neither/)
  assert.match(String(read('10.0.0.9,10.0.0.1,AA\n10.0.0.9,10.0.0.1,AA\n', 'AA')), /neither/)
  const many = Array.from(
    { length: 9000 },
    (_, at) => `10.${at >> 8}.${at & 255}.1,10.${at >> 8}.${at & 255}.254,AA`,
  )
  const more = Array.from(
    { length: 9000 },
    (_, at) => `11.${at >> 8}.${at & 255}.1,11.${at >> 8}.${at & 255}.254,AA`,
  )
  assert.match(String(read([...many, ...more].join('\n'), 'AA')), /have 252000 prefixes together/)
})

test('prefixes of a range hold all of it, nothing else, and each address once', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2000 }), fc.nat({ max: 2000 }), (one, other) => {
      const [first, last] = [BigInt(Math.min(one, other)), BigInt(Math.max(one, other))]
      const prefixes = prefixesOfSpan({ family: 4, first, last })
      for (let value = first > 0n ? first - 1n : 0n; value <= last + 1n; value++) {
        const address = parsePrefix(formatAddress({ family: 4, value }))!
        const holding = prefixes.filter(prefix => contains(prefix, address)).length
        assert.equal(holding, value >= first && value <= last ? 1 : 0)
      }
    }),
    { numRuns: 50 },
  )
})
