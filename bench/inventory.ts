// What a look-up in an inventory of 100,000 prefixes of both families costs: what is held, what is not, and whole prefixes.

import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { assert } from '#lib/assert.ts'
import { type Address, formatAddress } from '#lib/ip/address.ts'
import { type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import { Random } from '../lab/random.ts'
import { atMost, printGates } from './gate.ts'
import { printTable } from './table.ts'

const isQuick = process.argv.includes('--quick')
const ROUNDS = isQuick ? 3 : 9
const PER_ROUND = isQuick ? 20_000 : 200_000
const LIMIT_NANOSECONDS = 200

/** 16,384 customers of each family with a prefix and assets of several lengths within it: 98,304 spans, and 1,696 ranges. */
const CUSTOMERS = 16_384
const RANGES = 1696

const random = new Random(7)
const built = buildInventory(inventorySchema.parse({ customers: [...customers4(), ...customers6()] }))
assert(built.kind === 'ok', 'the inventory is sound')
const { inventory } = built

const held4 = asked(() => ({ family: 4, value: 0x0a00_0000n + BigInt(random.next() & 0x3f_ffff) }))
const held6 = asked(() => ({ family: 6, value: first6(random.next() & (CUSTOMERS - 1)) + word() }))
const all4 = asked(() => ({ family: 4, value: word() }))
const all6 = asked(() => ({ family: 6, value: (word() << 96n) | (word() << 64n) | (word() << 32n) | word() }))
const mixed = asked(at => (at % 2 === 0 ? held4 : held6)[at]!)
const prefixes = mixed.map(one => prefixOf(one, one.family === 4 ? 26 : 120))

const rows = (
  [
    ['IPv4 addresses of customers', held4],
    ['IPv6 addresses of customers', held6],
    ['both, in turn', mixed],
    ['prefixes of both (/26, /120)', prefixes],
    ['any IPv4 address', all4],
    ['any IPv6 address', all6],
  ] as const
).map(([what, list]) => {
  const found = list.filter(one => inventory.find(one) !== undefined).length
  const cost = nanoseconds(list)
  return { what, found: found / list.length, cost }
})
printTable(
  'Inventory of 100,000 prefixes, assets and ranges of both families, random look-ups',
  ['asked', 'found', 'ns per look-up', `of ${LIMIT_NANOSECONDS} ns`],
  rows.map(({ what, found, cost }) => [what, found, Math.round(cost), cost / LIMIT_NANOSECONDS]),
)
printGates(rows.map(({ what, cost }) => atMost(`look-up of ${what}`, cost, LIMIT_NANOSECONDS, 'ns')))

/** A /24 each, side by side, with a /26 and a host in it, and in some a range. */
function* customers4() {
  for (let at = 0; at < CUSTOMERS; at++) {
    const first = 0x0a00_0000n + (BigInt(at) << 8n)
    const text = (low: number) => formatAddress({ family: 4, value: first + BigInt(low) })
    const assets = [{ prefix: `${text(64)}/26` }, { prefix: text(70 + (at % 50)) }]
    const ranges = at < RANGES ? [{ prefix: `${text(130)}-${text(150 + (at % 50))}` }] : []
    yield { id: `four-${at}`, prefixes: [`${text(0)}/24`], assets: [...assets, ...ranges] }
  }
}

/** A /48 each, apart from each other, with a /96 and a host in it. */
function* customers6() {
  for (let at = 0; at < CUSTOMERS; at++) {
    const text = (low: bigint) => formatAddress({ family: 6, value: first6(at) + low })
    const assets = [{ prefix: `${text(0n)}/96` }, { prefix: text(BigInt(at)) }]
    yield { id: `six-${at}`, prefixes: [`${text(0n)}/48`], assets }
  }
}

function first6(at: number): bigint {
  return (0x2001_0db8n << 96n) + (BigInt(at * 3) << 80n)
}

function word(): bigint {
  return BigInt(random.next() >>> 0)
}

function asked(one: (at: number) => Address): Address[] {
  return Array.from({ length: 65_536 }, (_, at) => one(at))
}

/** The best of several rounds: other work can only make a round slower. */
function nanoseconds(list: readonly (Address | Prefix)[]): number {
  let best = Number.POSITIVE_INFINITY
  let known = 0
  for (const one of list) if (inventory.find(one) !== undefined) known++
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (let at = 0; at < PER_ROUND; at++) if (inventory.find(list[at % list.length]!) !== undefined) known++
    best = Math.min(best, ((performance.now() - start) * 1e6) / PER_ROUND)
  }
  assert(known >= 0, 'the work was done')
  return best
}
