import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ethernet, ipv4, ipv6, udp } from '#2-decode/frame/frames-for-tests.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { countingSetup } from './counting-for-tests.ts'
import { prefixesFor, slotSetup, wordsFor } from './slots-for-tests.ts'

const bytesOf = (text: string): number[] => {
  const { family, value } = parseAddress(text)!
  const size = family === 4 ? 4 : 16
  return Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * (size - 1 - at))) & 255n))
}

/** A datagram from a stranger. */
const frameTo = (target: string): { bytes: Uint8Array } => {
  const payload = udp(53, 4000)
  const isV6 = target.includes(':')
  const bytes = Uint8Array.from(
    isV6 ? ethernet(0x86dd, ipv6({ next: 17, payload })) : ethernet(0x0800, ipv4({ protocol: 17, payload })),
  )
  bytes.set(bytesOf(target), isV6 ? 38 : 30)
  return { bytes }
}

const HOSTS = [
  ...['10.0.0.1', '10.0.0.130', '10.0.1.9', '10.1.0.1', '10.1.7.7', '11.0.0.1'],
  ...['2001:db8::1', '2001:db8:0:1::1', '2001:db8:1::1', '2001:dead::1'],
]
const NETWORKS = [
  ...[
    '10.0.0.0/8',
    '10.0.0.0/16',
    '10.0.0.0/24',
    '10.0.0.128/25',
    '10.0.0.1/32',
    '10.1.0.0/16',
    '11.0.0.0/24',
  ],
  ...['2001:db8::/32', '2001:db8::/64', '2001:db8:1::/48', '2001:db8::1/128', '2001:dead::/16'],
]
const list = fc.uniqueArray(fc.constantFrom(...NETWORKS), { maxLength: 5 })
const traffic = fc.array(fc.constantFrom(...HOSTS), { maxLength: 12 })

test('whatever changes, who stays ours keeps the count, who goes loses it, and nobody else is counted', async () => {
  const worker = await countingSetup([], { hostsMax: 4096 })
  const isOurs = (host: string, networks: readonly string[]) =>
    prefixesFor(...networks).some(prefix => contains(prefix, parseAddress(host)!))
  const counts = new Map<string, number>()
  fc.assert(
    fc.property(fc.array(fc.tuple(list, traffic), { minLength: 1, maxLength: 4 }), steps => {
      for (const [networks, hosts] of steps) {
        worker.changeNetworks(...networks)
        for (const host of counts.keys()) if (!isOurs(host, networks)) counts.delete(host)
        worker.block(hosts.map(frameTo))
        for (const host of hosts) if (isOurs(host, networks)) counts.set(host, (counts.get(host) ?? 0) + 1)

        const seen = HOSTS.map(host => {
          const slot = worker.slotOf(host)
          return slot === 0 ? 0 : (worker.line(host, 'incoming')['udp']?.[0] ?? 0)
        })
        assert.deepEqual(
          seen,
          HOSTS.map(host => counts.get(host) ?? 0),
        )
      }
    }),
    { numRuns: 300 },
  )
})

test('packets of all directions are counted, whatever the networks are', async () => {
  const worker = await countingSetup(['10.0.0.0/24'])
  const frames = [frameTo('10.0.0.1'), frameTo('10.1.0.1')]

  worker.block(frames)
  worker.changeNetworks('10.1.0.0/16')
  worker.block(frames)
  worker.changeNetworks()
  worker.block(frames)

  assert.equal(worker.total('incoming')[0], 2)
  assert.equal(worker.total('other')[0], 4)
})

test('hosts that go make room for others', () => {
  const { slots, see4, see6, find6, tables } = slotSetup(['10.0.0.0/23', '2001:db8::/64'], 2, 1)
  const [first, second] = [see4('10.0.0.1'), see4('10.0.1.1')]
  const six = wordsFor('2001:db8::1')
  const slot = see6(six)

  slots.changeNetworks(prefixesFor('10.0.1.0/24', '10.9.0.0/24', '2001:db8:9::/64'))

  assert.equal(see4('10.0.1.1'), second)
  assert.equal(see4('10.0.0.1'), 0)
  assert.equal(see4('10.9.0.1'), first)
  assert.equal(find6(six), 0)
  assert.equal(see6(wordsFor('2001:db8:9::7')), slot)
  assert.equal(tables.generations[second], 0)
  assert.equal(tables.generations[first], 2)
})

test('prefixes of hosts without room are let go only where their number means something else now', () => {
  const network = '2001:db8:0:1::/64'
  const { slots, see6, tables } = slotSetup([network, '2001:db8:8000::/33'], 1, 0)
  const shapes = () => [...tables.unlistedShapes].filter(shape => shape !== 0)
  see6(wordsFor('2001:db8:0:1::1'))
  see6(wordsFor('2001:db8:8000::1'))
  assert.deepEqual(shapes().sort(), [6 * 256 + 48, 6 * 256 + 64])

  slots.changeNetworks([parsePrefix('2001:db8:8000::/33')!])

  assert.deepEqual(shapes(), [6 * 256 + 48])
})
