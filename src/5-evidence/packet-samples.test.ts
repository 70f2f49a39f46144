import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { examplePacket, examplePackets } from './example.ts'
import { PacketCollections, PacketCollector } from './packet-samples.ts'

test('a collector is full when it has what it wants and keeps no more', () => {
  const collector = new PacketCollector(2, 1000)

  const answers = examplePackets(4).map(packet => collector.add(packet))

  assert.deepEqual(answers, [false, true, true, true])
  assert.deepEqual(collector.packets, examplePackets(2))
})

test('a collector that wants nothing is full at once', () => {
  const collector = new PacketCollector(0, 1000)

  assert.equal(collector.isDue(0), true)
  assert.equal(collector.add(examplePacket()), true)
  assert.deepEqual(collector.packets, [])
})

test('a collection is due when it is full or its deadline has come', () => {
  const collections = new PacketCollections(100)
  collections.open('a', 2, 500)
  collections.open('b', 1, 500)
  collections.add('b', examplePacket())

  assert.deepEqual(collections.due(499), ['b'])
  assert.deepEqual(collections.due(500), ['a', 'b'])
})

test('what is taken is handed over once and makes room for others', () => {
  const collections = new PacketCollections(2)
  collections.open('a', 2, 500)
  collections.add('a', examplePacket())

  const first = collections.take('a')
  const again = collections.take('a')
  collections.open('b', 2, 500)

  assert.equal(first.length, 1)
  assert.deepEqual(again, [])
  assert.equal(collections.isCollecting('b'), true)
})

test('packets of an attack that is not collected are let go', () => {
  const collections = new PacketCollections(2)

  assert.equal(collections.add('nobody', examplePacket()), true)
  assert.deepEqual(collections.take('nobody'), [])
})

test('all collections together never hold more than the bound', () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.array(
        fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('open', 'add', 'take'), fc.nat(30)),
      ),
      (packetsMax, steps) => {
        const collections = new PacketCollections(packetsMax)
        const held = new Map<string, number>()

        for (const [id, step, wanted] of steps) {
          if (step === 'open') collections.open(id, wanted, 0)
          else if (step === 'take') {
            const taken = collections.take(id)
            assert.equal(taken.length, held.get(id) ?? 0)
            held.delete(id)
          } else if (collections.isCollecting(id)) {
            collections.add(id, examplePacket())
            held.set(id, (held.get(id) ?? 0) + 1)
          }
          const total = [...held.values()].reduce((sum, count) => sum + count, 0)
          assert.ok(total <= packetsMax, `${total} held, bound ${packetsMax}`)
        }
      },
    ),
  )
})

test('a collection that gets less room than it wants is counted', () => {
  const collections = new PacketCollections(3)
  collections.open('a', 2, 500)
  collections.open('b', 2, 500)
  collections.add('b', examplePacket())
  collections.take('a')
  collections.take('b')

  const values = [...collections.metrics()].map(({ value }) => value)

  assert.deepEqual(values, [1, 1, 1, 0])
})
