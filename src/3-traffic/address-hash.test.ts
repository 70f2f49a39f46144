import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldAddress, mixFolded, otherSeed } from './address-hash.ts'

type Words = readonly [number, number, number, number]

const SEEDS = [1, 1_234_567, -889_275_714]
/** 2001:db8:10::/48, as the words of the wire. */
const [A, B] = [0xb80d0120 | 0, 0x1000]
const BYTES = Array.from({ length: 256 }, (_, byte) => byte)

/** Addresses that differ in two bytes: `place` puts a pair of them where they stand. */
const grid = (place: (one: number, two: number) => Words): Words[] =>
  BYTES.flatMap(one => BYTES.map(two => place(one, two)))

const GRIDS: Readonly<Record<string, readonly Words[]>> = {
  'hosts of a /112': grid((one, two) => [A, B, 0, (one << 16) | (two << 24)]),
  'hosts numbered in the lowest byte of their last two words': grid((one, two) => [
    A,
    B,
    one << 24,
    two << 24,
  ]),
  'a host in each of many /64, and more of each': grid((one, two) => [A, B | (one << 24), 0, two << 24]),
  '/64s of many customers': grid((one, two) => [A, B | (one << 16) | (two << 24), 0, 1 << 24]),
  'networks of many providers': grid((one, two) => [A ^ (one << 16) ^ (two << 24), 0, 0, 1 << 24]),
  'the last byte of the two words in the middle': grid((one, two) => [A, B | (one << 24), two << 24, 0]),
  'the first byte of two words': grid((one, two) => [A ^ one, B, two, 0]),
}

const folded = ([a, b, c, d]: Words, seed: number): number => foldAddress(a, b, c, d, seed, otherSeed(seed))

for (const [name, addresses] of Object.entries(GRIDS)) {
  test(`addresses that differ in two bytes are told apart: ${name}`, () => {
    for (const seed of SEEDS) {
      const hashes = new Set(addresses.map(words => folded(words, seed)))
      // Of random words of 32 bits half a pair would be alike.
      assert.ok(hashes.size > addresses.length - 400, `seed ${seed}: ${hashes.size} of ${addresses.length}`)
    }
  })

  test(`a table four times as large is evenly filled: ${name}`, () => {
    for (const seed of SEEDS) {
      const places = new Set(addresses.map(words => mixFolded(folded(words, seed)) & 0x3_ffff))
      // At random it would be 88.5 % as many places as addresses.
      assert.ok(places.size > addresses.length * 0.86, `seed ${seed}: ${places.size} places`)
    }
  })
}

test('neighbours of one /120 spread over a table four times as large', () => {
  for (const seed of SEEDS) {
    const places = BYTES.map(host => mixFolded(folded([A, B, 0, host << 24], seed)) & 1023)
    assert.ok(new Set(places).size > 150, `${new Set(places).size} places`)
  }
})

test('which addresses are alike depends on the seed', () => {
  const found = SEEDS.map(seed => new Set(GRIDS['hosts of a /112']!.map(words => folded(words, seed))))
  const [first, second] = found as [Set<number>, Set<number>]

  assert.ok([...first].filter(hash => second.has(hash)).length < 100)
})
