import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, bitsOf, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { isWithin, parseSpan, type Span, spanOf } from '#lib/ip/span.ts'
import { buildInventory, type Inventory, type InventoryEntry } from './inventory.ts'
import { inventorySchema } from './inventory-config.ts'

function inventory(written: unknown): Inventory {
  const built = buildInventory(inventorySchema.parse(written))
  assert.ok(built.kind === 'ok', JSON.stringify(built.problems))
  return built.inventory
}

const find = (from: Inventory, text: string): InventoryEntry | undefined =>
  from.find(text.includes('/') ? parsePrefix(text)! : parseAddress(text)!)

const EXAMPLE = {
  pops: [{ id: 'fra', name: 'Frankfurt' }, { id: 'ams' }],
  customers: [
    {
      id: 'acme',
      name: 'Acme',
      pop: 'fra',
      prefixes: ['192.0.2.0/24', '2001:db8:1::/48'],
      services: [
        { id: 'dns', name: 'Resolver', allowedPorts: { udp: [53], tcp: [53, '8000-8010'] } },
        { id: 'mail' },
      ],
      assets: [
        { prefix: '192.0.2.53', service: 'dns', role: 'primary' },
        { prefix: '192.0.2.10-192.0.2.20', service: 'mail', pop: 'ams' },
        { prefix: '192.0.2.16/30', allowedPorts: { tcp: [25] }, service: 'dns' },
        { prefix: '2001:db8:1::/64', service: 'dns' },
      ],
    },
    { id: 'other', prefixes: ['198.51.100.0/24'] },
  ],
}

test('an address is known by its asset, with service, ports and POP', () => {
  const found = find(inventory(EXAMPLE), '192.0.2.53')

  assert.deepEqual(found, {
    customer: { id: 'acme', name: 'Acme' },
    service: { id: 'dns', name: 'Resolver' },
    asset: { text: '192.0.2.53/32', role: 'primary', interface: undefined },
    allowedPorts: {
      udp: [{ from: 53, to: 53 }],
      tcp: [
        { from: 53, to: 53 },
        { from: 8000, to: 8010 },
      ],
    },
    pop: { id: 'fra', name: 'Frankfurt' },
  })
})

test('an address in no asset is known by its customer', () => {
  const found = find(inventory(EXAMPLE), '198.51.100.7')

  assert.deepEqual(found, {
    customer: { id: 'other', name: 'other' },
    service: undefined,
    asset: undefined,
    allowedPorts: { tcp: undefined, udp: undefined },
    pop: undefined,
  })
})

test('the escalation of a customer is that of all its addresses', () => {
  const from = inventory({
    customers: [
      {
        ...{ id: 'acme', prefixes: ['192.0.2.0/24'], escalation: 'strict' },
        assets: [{ prefix: '192.0.2.53' }],
      },
    ],
  })

  assert.deepEqual(
    ['192.0.2.53', '192.0.2.1'].map(address => find(from, address)?.escalation),
    ['strict', 'strict'],
  )
})

test('the smallest asset counts, with its own ports rather than those of its service', () => {
  const from = inventory(EXAMPLE)

  assert.equal(find(from, '192.0.2.15')?.asset?.text, '192.0.2.10-192.0.2.20')
  assert.equal(find(from, '192.0.2.15')?.pop?.id, 'ams')
  assert.equal(find(from, '192.0.2.17')?.asset?.text, '192.0.2.16/30')
  assert.deepEqual(find(from, '192.0.2.17')?.allowedPorts, { tcp: [{ from: 25, to: 25 }], udp: undefined })
  assert.equal(find(from, '192.0.2.21')?.asset, undefined)
  assert.equal(find(from, '2001:db8:1::9')?.service?.id, 'dns')
  assert.equal(find(from, '2001:db8:1:1::9')?.service, undefined)
})

test('a prefix is known by what holds all of it', () => {
  const from = inventory(EXAMPLE)

  assert.equal(find(from, '192.0.2.16/31')?.asset?.text, '192.0.2.16/30')
  assert.equal(find(from, '192.0.2.16/29')?.asset, undefined)
  assert.equal(find(from, '192.0.2.16/29')?.customer.id, 'acme')
  assert.equal(find(from, '192.0.2.0/23'), undefined)
  assert.equal(find(from, '2001:db8:1::/48')?.customer.id, 'acme')
})

test('what nobody has is unknown', () => {
  const from = inventory(EXAMPLE)

  for (const text of ['192.0.1.255', '192.0.3.0', '::', '2001:db8:2::', '0.0.0.0', '255.255.255.255'])
    assert.equal(find(from, text), undefined, text)
  assert.equal(inventory({}).find(parseAddress('192.0.2.1')!), undefined)
})

test('an asset may be a whole prefix of its customer', () => {
  const from = inventory({
    customers: [{ id: 'a', prefixes: ['192.0.2.0/24'], assets: [{ prefix: '192.0.2.0/24', role: 'all' }] }],
  })

  assert.equal(find(from, '192.0.2.1')?.asset?.role, 'all')
})

/** Addresses near each other, so that prefixes meet. */
const near = fc.oneof(
  fc.bigInt(0n, 0x3ffn).map((low): Address => ({ family: 4, value: 0xc000_0000n + low })),
  fc
    .tuple(fc.constantFrom(0n, 1n << 63n, 1n << 64n), fc.bigInt(0n, 0xffn))
    .map(([high, low]): Address => ({ family: 6, value: (0x2001_0db8n << 96n) + high + low })),
)
const nearPrefix = fc
  .tuple(near, fc.nat(11))
  .map(([inside, free]) => prefixOf(inside, bitsOf(inside.family) - free))
const nearRange = fc
  .tuple(near, fc.bigInt(0n, 40n))
  .map(
    ([{ family, value }, more]) =>
      `${formatAddress({ family, value })}-${formatAddress({ family, value: value + more })}`,
  )
const nearAsset = fc.oneof(nearPrefix.map(formatPrefix), near.map(formatAddress), nearRange)

const meets = (a: Span, b: Span) => a.family === b.family && a.first <= b.last && b.first <= a.last
const isSame = (a: Span, b: Span) => isWithin(a, b) && isWithin(b, a)

/** Customers that have nothing in common, and assets within them that nest. */
function sound(prefixes: readonly Prefix[], assets: readonly string[]) {
  const kept: Prefix[] = []
  for (const prefix of prefixes)
    if (kept.every(other => !meets(spanOf(other), spanOf(prefix)))) kept.push(prefix)
  const held: string[] = []
  for (const text of assets) {
    const span = parseSpan(text)!
    const isNested = (other: Span) => !isSame(other, span) && (isWithin(other, span) || isWithin(span, other))
    const fits = held.every(other => !meets(parseSpan(other)!, span) || isNested(parseSpan(other)!))
    if (fits && kept.some(prefix => isWithin(span, spanOf(prefix)))) held.push(text)
  }
  return kept.map((prefix, at) => ({
    id: `c${at}`,
    prefixes: [formatPrefix(prefix)],
    assets: held
      .filter(text => isWithin(parseSpan(text)!, spanOf(prefix)))
      .map(text => ({ prefix: text, role: text })),
  }))
}

test('whatever the inventory, a look-up finds what a search through all of it finds', () => {
  fc.assert(
    fc.property(
      fc
        .tuple(fc.array(nearPrefix, { maxLength: 8 }), fc.array(nearAsset, { maxLength: 30 }))
        .map(([prefixes, assets]) => sound(prefixes, assets)),
      fc.array(fc.oneof(near, nearPrefix), { minLength: 1, maxLength: 30 }),
      (customers, asked) => {
        const from = inventory({ customers })

        for (const one of asked) {
          const found = from.find(one)
          assert.deepEqual([found?.customer.id, found?.asset?.role], naive(customers, one))
        }
      },
    ),
    { numRuns: 300 },
  )
})

function naive(customers: ReturnType<typeof sound>, one: Address | Prefix) {
  const asked = spanOf('length' in one ? one : { ...one, length: bitsOf(one.family) })
  const size = (text: string) => parseSpan(text)!.last - parseSpan(text)!.first
  const customer = customers.find(({ prefixes }) => isWithin(asked, parseSpan(prefixes[0]!)!))
  const holders = customer?.assets.filter(({ prefix }) => isWithin(asked, parseSpan(prefix)!)) ?? []
  const smallest = holders.toSorted((a, b) => Number(size(a.prefix) - size(b.prefix)))[0]
  return [customer?.id, smallest?.role]
}
