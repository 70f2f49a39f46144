import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { wireWords } from '#3-traffic/network-table.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { contains, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { CalmNetworks } from './calm-networks.ts'

function holds(networks: CalmNetworks, { family, value }: Address): boolean {
  if (family === 6) return networks.holds(6, ...wireWords(value))
  return networks.holds(4, wireWords(value << 96n)[0], 0, 0, 0)
}

const networksOf = (...texts: string[]) => new CalmNetworks(texts.map(text => parsePrefix(text)!))

test('an address is ours from the first to the last of a network, in both families', () => {
  const networks = networksOf('10.10.0.0/16', '192.0.2.8/29', '2001:db8:10::/48')
  const ours = [
    '10.10.0.0',
    '10.10.255.255',
    '192.0.2.8',
    '192.0.2.15',
    '2001:db8:10::',
    '2001:db8:10:ffff::1',
  ]
  const others = ['10.9.255.255', '10.11.0.0', '192.0.2.7', '192.0.2.16', '255.255.255.255', '2001:db8:11::']

  assert.deepEqual(
    ours.filter(text => !holds(networks, parseAddress(text)!)),
    [],
  )
  assert.deepEqual(
    others.filter(text => holds(networks, parseAddress(text)!)),
    [],
  )
})

test('networks that hold or touch each other are as their union', () => {
  const address = fc
    .integer({ min: 0, max: 0xffff_ffff })
    .map((value): Address => ({ family: 4, value: BigInt(value) }))
  const prefix = fc
    .tuple(address, fc.integer({ min: 0, max: 32 }))
    .map(([at, length]): Prefix => prefixOf(at, length))
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 12 }), address, (prefixes, stranger) => {
      const networks = new CalmNetworks(prefixes)
      for (const one of [stranger, ...prefixes.map(({ value }): Address => ({ family: 4, value }))]) {
        assert.equal(
          holds(networks, one),
          prefixes.some(known => contains(known, one)),
        )
      }
    }),
    { numRuns: 200 },
  )
})
