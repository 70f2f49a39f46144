import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { contains, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { HostSlots } from './host-slots.ts'
import { createHostTables } from './host-tables.ts'
import {
  addressOfWord,
  addressOfWords,
  filterIndex,
  Ipv4Levels,
  Ipv6Filter,
  NetworkTable,
  wireWords,
} from './network-table.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.map(text => parsePrefix(text)!)
const address = (text: string): Address => parseAddress(text)!

/** An IPv4 address as the hot path reads it. */
const wireWord = (text: string): number => wireWords(address(text).value << 96n)[0]

/** Addresses that often share their first bits, and prefixes of any length around them. */
const near4 = fc
  .tuple(fc.constantFrom(0x0a00_0000, 0x0a00_0100, 0x0a01_0000, 0x0aff_ff00, 0xc612_0000), fc.nat(0x1ff))
  .map(([base, low]): Address => ({ family: 4, value: BigInt(base + low) }))
const near6 = fc
  .tuple(
    fc.constantFrom(0x2001_0db8n, 0x2001_0db9n, 0x2fff_ffffn, 0xfe80_0000n),
    fc.constantFrom(0n, 1n, 0x8000_0000n),
    fc.bigInt(0n, 7n),
  )
  .map(([high, middle, low]): Address => ({ family: 6, value: (high << 96n) | (middle << 64n) | low }))
const prefix4 = fc.tuple(near4, fc.nat(32)).map(([inside, length]) => prefixOf(inside, length))
const long4 = fc.tuple(near4, fc.integer({ min: 8, max: 32 })).map(([at, length]) => prefixOf(at, length))
const length6 = fc.oneof(fc.nat(128), fc.integer({ min: 124, max: 128 }))
const prefix6 = fc.tuple(near6, length6).map(([inside, length]) => prefixOf(inside, length))

/** The longest member that holds the address, first of equals. */
function naiveLongest(members: readonly Prefix[], asked: Address): number | undefined {
  let best: number | undefined
  for (const [at, member] of members.entries()) {
    if (!contains(member, asked)) continue
    if (best === undefined || member.length > members[best]!.length) best = at
  }
  return best
}

const isOurs = (members: readonly Prefix[], asked: Address) => members.some(member => contains(member, asked))

test('the longest prefix wins, whatever its length, and of equal ones the first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(prefix4, prefix6), { maxLength: 12 }),
      fc.oneof(near4, near6),
      (members, asked) => {
        const table = new NetworkTable(members.map((member, at) => [member, at] as const))

        assert.equal(table.longest(asked)?.value, naiveLongest(members, asked))
        for (const below of [0, 1, 24, 32, 126, 128]) {
          const kept = members.filter(member => member.length < below)
          const best = naiveLongest(kept, asked)
          const expected = best === undefined ? undefined : members.indexOf(kept[best]!)
          assert.equal(table.longest(asked, below)?.value, expected)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('an address of one family never matches a prefix of the other', () => {
  const table = new NetworkTable(prefixes('0.0.0.0/0').map(prefix => [prefix, 'four'] as const))

  assert.equal(table.longest(address('192.0.2.1'))?.value, 'four')
  assert.equal(table.longest(address('::1')), undefined)
})

function slotsOf(members: readonly Prefix[]): HostSlots {
  const tables = createHostTables(4096, 128)
  return new HostSlots(tables, 4096, new Ipv4Levels(members), new Ipv6Filter(members), 7)
}

test('an IPv4 address gets a slot exactly when a prefix of ours holds it, one slot each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(long4, prefix4), { maxLength: 10 }),
      fc.array(near4, { maxLength: 12 }),
      (members, asked) => {
        const slots = slotsOf(members)

        const given = new Map<number, bigint>()
        for (const one of asked) {
          const slot = slots.missV4(wireWords(one.value << 96n)[0])
          assert.equal(slot !== 0, isOurs(members, one))
          if (slot === 0) continue
          assert.equal(given.get(slot) ?? one.value, one.value)
          given.set(slot, one.value)
        }
        assert.equal(given.size, new Set([...given.values()]).size)
      },
    ),
    { numRuns: 20 },
  )
})

test('beyond /24 every address counts for itself: its neighbours in the same /24 are not ours', () => {
  for (const length of [25, 26, 27, 28, 29, 30, 31, 32]) {
    const [network] = prefixes(`10.0.0.128/${length}`)
    const slots = slotsOf([network!])

    const found = Array.from({ length: 256 }, (_, last) => slots.missV4(wireWord(`10.0.0.${last}`)) !== 0)

    const first = 128
    const count = 2 ** (32 - length)
    assert.deepEqual(
      found.map((is, last) => (is ? last : -1)).filter(last => last >= 0),
      Array.from({ length: count }, (_, at) => first + at),
      `/${length}`,
    )
  }
})

test('parts of one /24 share a page, and a /24 that holds them all makes it whole', () => {
  const parts = slotsOf(prefixes('10.0.0.1/32', '10.0.0.254/31'))
  const whole = slotsOf(prefixes('10.0.0.1/32', '10.0.0.0/24', '10.0.0.254/31'))

  assert.equal(parts.missV4(wireWord('10.0.0.254')) - parts.missV4(wireWord('10.0.0.1')), 253)
  assert.equal(parts.missV4(wireWord('10.0.0.2')), 0)
  assert.notEqual(whole.missV4(wireWord('10.0.0.2')), 0)
})

test('a longer prefix inside a /16 that is ours as a whole takes nothing away from it', () => {
  const slots = slotsOf(prefixes('10.0.0.0/16', '10.0.7.0/24', '10.0.9.16/28', '10.1.0.0/20'))

  for (const text of ['10.0.0.1', '10.0.7.1', '10.0.9.1', '10.0.9.17', '10.0.255.255', '10.1.15.255']) {
    assert.notEqual(slots.missV4(wireWord(text)), 0, text)
  }
  for (const text of ['10.1.16.0', '10.2.0.0', '9.255.255.255']) {
    assert.equal(slots.missV4(wireWord(text)), 0, text)
  }
})

test('everything is ours with 0.0.0.0/0', () => {
  const slots = slotsOf(prefixes('0.0.0.0/0'))

  for (const text of ['0.0.0.0', '127.0.0.1', '255.255.255.255']) {
    assert.notEqual(slots.missV4(wireWord(text)), 0, text)
  }
})

/** The answer of the hot path: the filter, then the exact test. */
function passes(filter: Ipv6Filter, { value }: Address): boolean {
  const [a, b, c, d] = wireWords(value)
  return filter.first[filterIndex(a)] !== 0 && filter.holds(a, b, c, d)
}

test('the IPv6 filter says the same as asking every prefix', () => {
  fc.assert(
    fc.property(fc.array(prefix6, { maxLength: 8 }), fc.array(near6, { maxLength: 8 }), (members, asked) => {
      const filter = new Ipv6Filter(members)

      for (const one of asked) assert.equal(passes(filter, one), isOurs(members, one))
    }),
    { numRuns: 300 },
  )
})

test('an IPv6 prefix of any length holds its first and last address and not those beside it', () => {
  for (const length of [1, 3, 12, 19, 20, 21, 31, 32, 33, 48, 64, 65, 96, 127, 128]) {
    const network = prefixOf(address('2001:db8:8000:8000:8000:8000:8000:8000'), length)
    const filter = new Ipv6Filter([network])
    const size = 1n << BigInt(128 - length)
    const at = (value: bigint): Address => ({ family: 6, value })

    assert.equal(passes(filter, at(network.value)), true, `first of /${length}`)
    assert.equal(passes(filter, at(network.value + size - 1n)), true, `last of /${length}`)
    if (network.value > 0n) assert.equal(passes(filter, at(network.value - 1n)), false, `before /${length}`)
    assert.equal(passes(filter, at(network.value + size)), false, `behind /${length}`)
  }
})

test('everything is ours with ::/0, and nothing without a prefix', () => {
  const all = new Ipv6Filter(prefixes('::/0'))
  const none = new Ipv6Filter(prefixes('10.0.0.0/8'))

  for (const text of ['::', '2001:db8::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']) {
    assert.equal(passes(all, address(text)), true, text)
    assert.equal(passes(none, address(text)), false, text)
  }
})

test('words of the wire and addresses are two ways to say the same', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 128n) - 1n), value => {
      const [a, b, c, d] = wireWords(value)

      assert.deepEqual(addressOfWords(a, b, c, d), { family: 6, value })
      assert.deepEqual(addressOfWord(a), { family: 4, value: value >> 96n })
    }),
  )
  // The first octet stands lowest.
  assert.equal(wireWord('10.1.2.3') >>> 0, 0x0302_010a)
})
