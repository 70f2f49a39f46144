import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, bitsOf, parseAddress } from './address.ts'
import { parsePrefix, prefixOf } from './prefix.ts'
import { isWithin, type Span, spanOf } from './span.ts'
import { SpanTable } from './span-table.ts'

const address = (text: string): Address => parseAddress(text)!
const span = (first: string, last: string): Span => ({
  family: address(first).family,
  first: address(first).value,
  last: address(last).value,
})

test('the smallest span that holds an address is found', () => {
  const table = new SpanTable([
    [span('192.0.2.0', '192.0.2.255'), 'network'],
    [span('192.0.2.10', '192.0.2.20'), 'range'],
    [span('192.0.2.15', '192.0.2.15'), 'host'],
  ])

  assert.equal(table.find(address('192.0.2.15')), 'host')
  assert.equal(table.find(address('192.0.2.14')), 'range')
  assert.equal(table.find(address('192.0.2.20')), 'range')
  assert.equal(table.find(address('192.0.2.21')), 'network')
  assert.equal(table.find(address('192.0.3.0')), undefined)
  assert.equal(table.find(address('192.0.1.255')), undefined)
})

test('with free bits the span holds all of the prefix that begins there', () => {
  const table = new SpanTable([
    [span('192.0.2.0', '192.0.2.255'), 'network'],
    [span('192.0.2.10', '192.0.2.20'), 'range'],
    [span('192.0.2.16', '192.0.2.17'), 'pair'],
  ])

  assert.equal(table.find(address('192.0.2.16'), 1), 'pair')
  assert.equal(table.find(address('192.0.2.16'), 2), 'range')
  assert.equal(table.find(address('192.0.2.16'), 3), 'network')
  assert.equal(table.find(address('192.0.2.20'), 1), 'network')
  assert.equal(table.find(address('192.0.2.0'), 9), undefined)
})

test('the first and the last address of a family are found, and the families stay apart', () => {
  const table = new SpanTable([
    [span('255.255.255.0', '255.255.255.255'), 'last'],
    [spanOf(parsePrefix('::/0')!), 'all of IPv6'],
  ])

  assert.equal(table.find(address('255.255.255.255')), 'last')
  assert.equal(table.find(address('0.0.0.0')), undefined)
  assert.equal(table.find(address('::')), 'all of IPv6')
  assert.equal(table.find(address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')), 'all of IPv6')
})

test('spans that overlap in part are a mistake of the caller', () => {
  assert.throws(
    () =>
      new SpanTable([
        [span('10.0.0.0', '10.0.0.9'), 1],
        [span('10.0.0.5', '10.0.0.12'), 2],
      ]),
    /apart or one within the other/,
  )
})

/** Values near word borders, where a comparison by words could go wrong. */
const near = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    high: fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0xffff_ffffn),
    middle: fc.constantFrom(0n, 1n, 0x8000_0000n, 0xffff_ffff_ffff_ffffn),
    low: fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0xffff_ffd0n, 0xffff_ffffn)),
  })
  .map(({ family, high, middle, low }): Address => {
    return family === 4 ? { family, value: low } : { family, value: (high << 96n) | (middle << 32n) | low }
  })
const lengths = { 4: [0, 1, 8, 26, 27, 30, 31, 32], 6: [0, 1, 31, 32, 33, 64, 96, 97, 122, 127, 128] }
const prefixSpan = near.chain(inside =>
  fc.constantFrom(...lengths[inside.family]).map(length => spanOf(prefixOf(inside, length))),
)
const rangeSpan = fc.tuple(near, fc.bigInt(0n, 12n)).map(([{ family, value }, more]): Span => {
  const last = value + more
  const end = (1n << BigInt(bitsOf(family))) - 1n
  return { family, first: value, last: last > end ? end : last }
})

const meets = (a: Span, b: Span) => a.family === b.family && a.first <= b.last && b.first <= a.last

/** Only those that lie apart from or within all that came before. */
function nested(spans: readonly Span[]): Span[] {
  const kept: Span[] = []
  for (const one of spans)
    if (kept.every(other => !meets(one, other) || isWithin(one, other) || isWithin(other, one)))
      kept.push(one)
  return kept
}

test('whatever the spans, the table finds what a search through all of them finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(prefixSpan, rangeSpan), { maxLength: 25 }).map(nested),
      fc.array(near, { minLength: 1, maxLength: 20 }),
      (spans, asked) => {
        const table = new SpanTable(spans.map((one, at) => [one, at] as const))

        for (const one of [...asked, ...edgesOf(spans)]) {
          for (const free of [0, 1, 2, 5, 32]) {
            const { family, value } = prefixOf(one, bitsOf(one.family) - free)
            assert.equal(table.find({ family, value }, free), naive(spans, { family, value }, free))
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

/** First and last addresses and their neighbours: where a piece too few or too many would show. */
function edgesOf(spans: readonly Span[]): Address[] {
  return spans.flatMap(({ family, first, last }) =>
    [first - 1n, first, last, last + 1n]
      .filter(value => value >= 0n && value >> BigInt(bitsOf(family)) === 0n)
      .map(value => ({ family, value })),
  )
}

/** The smallest that holds all of the prefix; of equal ones the first. */
function naive(spans: readonly Span[], { family, value }: Address, free: number): number | undefined {
  const asked = { family, first: value, last: value + 2n ** BigInt(free) - 1n }
  return spans
    .map((one, at) => ({ one, at }))
    .filter(({ one }) => isWithin(asked, one))
    .sort((a, b) => Number(a.one.last - a.one.first - (b.one.last - b.one.first)))[0]?.at
}
