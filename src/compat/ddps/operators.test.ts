import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalComponent } from '#lib/flowspec/canonical.ts'
import { rangesOf } from '#lib/flowspec/ranges.ts'
import type { NumericComponent, NumericTest, Operator } from '#lib/flowspec/rule.ts'
import { matchesNothing, printOperators, readOperators } from './operators.ts'
import { NUMERIC_FIELDS } from './to-rule.ts'

const PORT = NUMERIC_FIELDS.destinationport

const read = (text: string, field = PORT) => {
  const list = readOperators(text, field)
  assert.ok(list.kind === 'list', list.kind === 'problem' ? `${text}: ${list.problem}` : '')
  return list.component
}

const ACCEPTED: readonly (readonly [text: string, ranges: readonly (readonly [number, number])[]])[] = [
  ['80', [[80, 80]]],
  ['0', [[0, 0]]],
  ['65535', [[65_535, 65_535]]],
  ['=80', [[80, 80]]],
  [
    '=80 =443',
    [
      [80, 80],
      [443, 443],
    ],
  ],
  ['>=10&<=100', [[10, 100]]],
  ['<=100&>=10', [[10, 100]]],
  ['>10&<100', [[11, 99]]],
  ['<1024', [[0, 1023]]],
  ['>1023', [[1024, 65_535]]],
  [
    '<=79 >=81&<=442 >=444',
    [
      [0, 79],
      [81, 442],
      [444, 65_535],
    ],
  ],
  [
    '=80 >=1000&<=1500 =80',
    [
      [80, 80],
      [1000, 1500],
    ],
  ],
  ['>=80 <=443', [[0, 65_535]]],
  ['=080', [[80, 80]]],
]

const REJECTED: readonly (readonly [text: string, why: RegExp])[] = [
  ['=<80', /operators are =/],
  ['=>80', /operators are =/],
  ['==80', /operators are =/],
  ['>>80', /operators are =/],
  ['<<80', /operators are =/],
  ['<>80', /operators are =/],
  ['<=>80', /operators are =/],
  ['>==80', /operators are =/],
  ['!=80', /operators are =/],
  ['80 443', /number "80" without an operator/],
  ['=80 443', /number "443" without an operator/],
  ['80&=443', /without an operator/],
  ['=80  =443', /space too many/],
  [' =80', /space too many/],
  ['=80 ', /space too many/],
  [' ', /space too many/],
  ['=80&', /nothing beside a &/],
  ['&=80', /nothing beside a &/],
  ['=80&&=81', /nothing beside a &/],
  ['=80,=443', /no operator with a number/],
  ['=80\t=443', /no operator with a number/],
  ['= 80', /no operator with a number|without/],
  ['=', /no operator with a number/],
  ['=-1', /no operator with a number/],
  ['-1', /no operator with a number/],
  ['+1', /no operator with a number/],
  ['=8e1', /no operator with a number/],
  ['=0x50', /no operator with a number/],
  ['=80-90', /no operator with a number/],
  ['=http', /no operator with a number/],
  ['=٨٠', /no operator with a number/],
  ['=80\n', /no operator with a number/],
  ['true', /no operator with a number/],
  ['99999', /99999, which is not from 0 to 65535/],
  ['=65536', /65536, which is not from 0 to 65535/],
  ['>=0&<=65536', /65536/],
  ['99999999999999999999999999', /not from 0 to 65535/],
  [`=80 ${'=443 '.repeat(26)}`, /longer than 128/],
  ['1'.repeat(129), /longer than 128/],
]

test('lists are read as DDPS writes them', () => {
  for (const [text, ranges] of ACCEPTED)
    assert.deepEqual(
      rangesOf(read(text)).map(({ from, to }) => [from, to]),
      ranges,
      text,
    )
})

test('what is no list is refused, with what would be right', () => {
  for (const [text, why] of REJECTED) {
    const list = readOperators(text, PORT)

    assert.equal(list.kind, 'problem', JSON.stringify(text))
    assert.match(list.kind === 'problem' ? list.problem : '', why, JSON.stringify(text))
  }
})

test('each field has its range, for a bare number too', () => {
  for (const [key, field] of Object.entries(NUMERIC_FIELDS))
    for (const [value, kind] of [
      ...[[field.least, 'list'] as const, [field.most, 'list'] as const],
      ...[[field.least - 1, 'problem'] as const, [field.most + 1, 'problem'] as const],
    ])
      for (const text of [`${value}`, `=${value}`, `>=${value}`])
        assert.equal(readOperators(text, field).kind, kind, `${key} ${text}`)
})

test('128 characters are fine', () => {
  const text = `=80 ${'=443 '.repeat(24)}=80`.padEnd(128, '0')

  assert.equal(text.length, 128)
  assert.equal(readOperators(`${'=80 '.repeat(31)}=443`, PORT).kind, 'list')
  assert.equal(readOperators(`${'=80 '.repeat(32)}`.trimEnd(), PORT).kind, 'list')
})

test('an AND that no value fits is seen, and its OR is not one', () => {
  const PROTOCOL = NUMERIC_FIELDS.ipprotocol

  assert.equal(matchesNothing(read('<=5&>=7', PROTOCOL), PROTOCOL), true)
  assert.equal(matchesNothing(read('<=5 >=7', PROTOCOL), PROTOCOL), false)
  assert.equal(matchesNothing(read('<0', PROTOCOL), PROTOCOL), true)
  assert.equal(matchesNothing(read('<60', NUMERIC_FIELDS.packetlength), NUMERIC_FIELDS.packetlength), true)
})

const anyTest = (operators: readonly Operator[]): fc.Arbitrary<NumericTest> =>
  fc
    .tuple(fc.constantFrom(...operators), fc.integer({ min: 0, max: 65_535 }))
    .map(([operator, value]) => ({ operator, value }))
const anyLists = (operators: readonly Operator[]) =>
  fc.array(fc.array(anyTest(operators), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })

test('what DDPS has operators for is written, and means the same when it is read back', () => {
  fc.assert(
    fc.property(anyLists(['=', '<', '<=', '>', '>=']), anyOf => {
      const component = { type: 'destination-port', anyOf } as const
      const text = printOperators(component, PORT)

      assert.deepEqual(rangesOf(read(text ?? '')), rangesOf(component))
    }),
  )
})

test('a list is written as shortly as it can be', () => {
  const text = '<=79 >=81&<=442 >=444'

  assert.equal(printOperators(canonicalComponent(read(text)) as NumericComponent, PORT), text)
  assert.equal(printOperators(read('>=0&<=79'), PORT), '<=79')
  assert.equal(printOperators(read('=80 =443 =80'), PORT), '=80 =443')
})

test('what it has none for is written with others that match the same, or not at all', () => {
  fc.assert(
    fc.property(anyLists(['=', '!=', '<', '>=', 'true', 'false']), anyOf => {
      const component = { type: 'destination-port', anyOf } as const
      const text = printOperators(component, PORT)

      if (text === undefined) return rangesOf(component).length === 0
      return assert.deepEqual(rangesOf(read(text)), rangesOf(component))
    }),
  )
})

test('lengths that DDPS refuses are not written', () => {
  const LENGTH = NUMERIC_FIELDS.packetlength
  const ranges = (...anyOf: NumericTest[][]) => printOperators({ type: 'packet-length', anyOf }, LENGTH)

  assert.equal(ranges([{ operator: '=', value: 46 }]), undefined)
  assert.equal(
    ranges([
      { operator: '>=', value: 40 },
      { operator: '<=', value: 100 },
    ]),
    undefined,
  )
  assert.equal(ranges([{ operator: '!=', value: 100 }]), '<=99 >=101')
})

/** The grammar once more, as one expression. */
const ATOM = '(?:=|>=|<=|>|<)[0-9]+'
const TERM = `${ATOM}(?:&${ATOM})*`
const GRAMMAR = new RegExp(`^(?:[0-9]+|${TERM}(?: ${TERM})*)$`)

test('whatever is typed is taken when the grammar has it, and else refused', () => {
  const typed = fc.string({ unit: fc.constantFrom(...'=<>& 0189!,'), minLength: 1, maxLength: 12 })
  const pieces = fc.array(fc.constantFrom('=80', '>=10', '<=70000', '&', ' ', '<9', '=', '80', '  '), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(
      fc.oneof(
        typed,
        pieces.map(all => all.join('')),
      ),
      text => {
        const isInRange = [...text.matchAll(/[0-9]+/g)].every(([digits]) => Number(digits) <= 65_535)

        assert.equal(readOperators(text, PORT).kind === 'list', GRAMMAR.test(text) && isInRange, text)
      },
    ),
    { numRuns: 3000 },
  )
})
