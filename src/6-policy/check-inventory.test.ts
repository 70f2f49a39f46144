import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isWithin, parseSpan } from '#lib/ip/span.ts'
import { formatPath } from '#lib/schema/problem.ts'
import { buildInventory } from './inventory.ts'
import { inventorySchema } from './inventory-config.ts'

/** `path code: message` of each problem. */
const said = (written: unknown) =>
  buildInventory(inventorySchema.parse(written)).problems.map(
    ({ path, code, message }) => `${formatPath(path)} ${code}: ${message}`,
  )
const kindOf = (written: unknown) => buildInventory(inventorySchema.parse(written)).kind

const customer = (id: string, prefixes: string[], assets: string[] = []) => ({
  id,
  prefixes,
  assets: assets.map(prefix => ({ prefix })),
})

test('all that is wrong is told at once, each with its path', () => {
  const written = {
    pops: [{ id: 'fra' }, { id: 'fra' }],
    customers: [
      customer('a', ['192.0.2.0/24', '10.0.0.300'], ['nonsense']),
      {
        ...customer('a', ['192.0.2.128/25'], ['198.51.100.1', '192.0.2.130']),
        pop: 'fraa',
        services: [{ id: 'dns' }, { id: 'dns' }],
      },
      {
        id: 'c',
        prefixes: ['203.0.113.0/24'],
        services: [{ id: 'web' }],
        assets: [{ prefix: '203.0.113.1', service: 'wob', pop: 'x' }],
      },
    ],
  }

  assert.deepEqual(said(written), [
    'pops[1].id inventory-duplicate: there is a POP "fra" already',
    'customers[1].id inventory-duplicate: there is a customer "a" already',
    'customers[0].prefixes[1] inventory-prefix: expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, found "10.0.0.300"',
    'customers[0].assets[0].prefix inventory-prefix: expected a prefix, an address or a range such as 192.0.2.10-192.0.2.20, found "nonsense"',
    'customers[1].services[1].id inventory-duplicate: there is a service "dns" already',
    'customers[1].assets[0].prefix inventory-outside: 198.51.100.1/32 lies in no prefix of its customer a',
    'customers[1].pop inventory-reference: there is no POP "fraa"',
    'customers[2].assets[0].service inventory-reference: the customer c has no service "wob"',
    'customers[2].assets[0].pop inventory-reference: there is no POP "x"',
    'customers[1].prefixes[0] inventory-overlap: 192.0.2.128/25 overlaps 192.0.2.0/24 of the customer a',
  ])
  assert.equal(kindOf(written), 'refused')
})

test('what was written later overlaps what was written earlier, whichever is the wider', () => {
  assert.deepEqual(said({ customers: [customer('a', ['10.1.0.0/16']), customer('b', ['10.0.0.0/8'])] }), [
    'customers[1].prefixes[0] inventory-overlap: 10.0.0.0/8 overlaps 10.1.0.0/16 of the customer a',
  ])
  assert.deepEqual(
    said({ customers: [customer('a', ['2001:db8::/32']), customer('b', ['2001:db8::/32'])] }),
    ['customers[1].prefixes[0] inventory-overlap: 2001:db8::/32 overlaps 2001:db8::/32 of the customer a'],
  )
})

test('prefixes of one customer may lie within each other, and the same one twice is a mistake', () => {
  assert.equal(kindOf({ customers: [customer('a', ['10.0.0.0/8', '10.1.0.0/16'])] }), 'ok')
  assert.deepEqual(said({ customers: [customer('a', ['10.0.0.0/8', '::/64', '10.0.0.0/8'])] }), [
    'customers[0].prefixes[2] inventory-duplicate: 10.0.0.0/8 stands in the customer a twice',
  ])
})

test('assets nest or lie apart', () => {
  const written = (...assets: string[]) => ({ customers: [customer('a', ['10.0.0.0/24'], assets)] })

  assert.equal(kindOf(written('10.0.0.0/30', '10.0.0.1', '10.0.0.0-10.0.0.9', '10.0.0.10')), 'ok')
  assert.deepEqual(said(written('10.0.0.1-10.0.0.9', '10.0.0.5-10.0.0.12', '10.0.0.11-10.0.0.20')), [
    'customers[0].assets[1].prefix inventory-overlap: 10.0.0.5-10.0.0.12 overlaps 10.0.0.1-10.0.0.9 of the customer a, and neither lies within the other',
    'customers[0].assets[2].prefix inventory-overlap: 10.0.0.11-10.0.0.20 overlaps 10.0.0.5-10.0.0.12 of the customer a, and neither lies within the other',
  ])
  assert.deepEqual(said(written('10.0.0.8/31', '10.0.0.8-10.0.0.9')), [
    'customers[0].assets[1].prefix inventory-duplicate: 10.0.0.8/31 is an asset already: 10.0.0.8/31 of the customer a',
  ])
})

test('a range over two prefixes lies within none of them', () => {
  assert.deepEqual(
    said({ customers: [customer('a', ['10.0.0.0/24', '10.0.1.0/24'], ['10.0.0.250-10.0.1.5'])] }),
    [
      'customers[0].assets[0].prefix inventory-outside: 10.0.0.250-10.0.1.5 lies in no prefix of its customer a',
    ],
  )
})

test('host bits and a default route are used as they are, with a warning', () => {
  const built = buildInventory(
    inventorySchema.parse({ customers: [customer('a', ['192.0.2.77/24', '::/0'], ['192.0.2.9/30'])] }),
  )

  assert.equal(built.kind, 'ok')
  assert.deepEqual(
    built.problems.map(({ severity, code, message }) => [severity, code, message]),
    [
      ['warning', 'inventory-host-bits', '192.0.2.77/24 has host bits set; used as 192.0.2.0/24'],
      ['warning', 'inventory-default-route', '::/0 holds every address'],
      ['warning', 'inventory-host-bits', '192.0.2.9/30 has host bits set; used as 192.0.2.8/30'],
    ],
  )
})

test('a misspelt reference has a hint', () => {
  const { problems } = buildInventory(
    inventorySchema.parse({ pops: [{ id: 'fra1' }], customers: [{ ...customer('a', []), pop: 'fra' }] }),
  )

  assert.equal(problems[0]?.hint, 'did you mean fra1?')
})

const text = fc.oneof(
  fc.tuple(fc.nat(63), fc.integer({ min: 24, max: 32 })).map(([low, length]) => `10.0.0.${low}/${length}`),
  fc.tuple(fc.nat(63), fc.nat(20)).map(([low, more]) => `10.0.0.${low}-10.0.0.${low + more}`),
)

test('assets are refused exactly when two of them share addresses and neither lies within the other', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), assets => {
      const spans = assets.map(asset => parseSpan(asset)!)
      const clash = spans.some((a, at) =>
        spans.slice(at + 1).some(b => {
          const isApart = a.last < b.first || b.last < a.first
          return !isApart && isWithin(a, b) === isWithin(b, a)
        }),
      )

      assert.equal(kindOf({ customers: [customer('a', ['10.0.0.0/24'], assets)] }), clash ? 'refused' : 'ok')
    }),
    { numRuns: 500 },
  )
})
