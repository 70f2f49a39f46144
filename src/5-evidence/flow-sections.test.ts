import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { examplePacket } from './example.ts'
import { flowsFrom } from './flow-sections.ts'

const HOST = '192.0.2.1'
const NO_COUNTS = { incoming: 0, outgoing: 0 }

test('packets of one conversation make one flow of what was seen, times the sampling rate', () => {
  const packets = [
    examplePacket({ weight: 300, sampleRatio: 3, bytes: 100 }),
    examplePacket({ weight: 200, sampleRatio: 2, bytes: 1000 }),
    examplePacket({ sourcePort: 9, bytes: 60 }),
  ]

  const [section] = flowsFrom(packets, HOST, { incoming: 700, outgoing: 0 }, 100)

  assert.deepEqual(section, {
    direction: 'incoming',
    protocol: 'udp',
    count: 700,
    flows: [
      {
        protocol: 'udp',
        direction: 'incoming',
        host: HOST,
        hostPort: 80,
        remote: '198.51.100.7',
        remotePort: 123,
        packets: 5,
        bytes: 2300,
      },
      {
        protocol: 'udp',
        direction: 'incoming',
        host: HOST,
        hostPort: 80,
        remote: '198.51.100.7',
        remotePort: 9,
        packets: 1,
        bytes: 60,
      },
    ],
  })
})

test('sections come incoming before outgoing and TCP before UDP; other protocols and other hosts have none', () => {
  const packets = [
    examplePacket({ source: HOST, target: '203.0.113.1' }),
    examplePacket(),
    examplePacket({ protocol: 6 }),
    examplePacket({ protocol: 1 }),
    examplePacket({ target: '192.0.2.2' }),
  ]

  const sections = flowsFrom(packets, HOST, NO_COUNTS, 100)

  assert.deepEqual(
    sections.map(({ direction, protocol }) => `${direction} ${protocol}`),
    ['incoming tcp', 'incoming udp', 'outgoing udp'],
  )
})

test('the count of a direction divides between protocols by the flows that were seen', () => {
  const packets = [
    ...[1, 2, 3].map(sourcePort => examplePacket({ sourcePort })),
    examplePacket({ protocol: 6 }),
  ]

  const sections = flowsFrom(packets, HOST, { incoming: 1000, outgoing: 0 }, 100)

  assert.deepEqual(
    sections.map(({ protocol, count }) => [protocol, count]),
    [
      ['tcp', 250],
      ['udp', 750],
    ],
  )
})

test('lines are bounded and the largest flows stay', () => {
  const packets = [1, 2, 3, 4].map(sampleRatio => examplePacket({ sourcePort: sampleRatio, sampleRatio }))

  const [section] = flowsFrom(packets, HOST, NO_COUNTS, 2)

  assert.deepEqual(
    section?.flows.map(({ packets }) => packets),
    [4, 3],
  )
  assert.equal(section?.count, 4)
})

test('the order of packets does not change the flows', () => {
  const packet = fc
    .record({
      source: fc.constantFrom(HOST, '198.51.100.1', '198.51.100.2'),
      target: fc.constantFrom(HOST, '203.0.113.1'),
      sourcePort: fc.nat(3),
      targetPort: fc.nat(3),
      protocol: fc.constantFrom(1, 6, 17),
      sampleRatio: fc.integer({ min: 1, max: 9 }),
    })
    .map(examplePacket)
  const shuffled = fc
    .array(packet)
    .chain(packets =>
      fc.tuple(fc.constant(packets), fc.shuffledSubarray(packets, { minLength: packets.length })),
    )

  fc.assert(
    fc.property(shuffled, ([packets, other]) => {
      const sections = flowsFrom(packets, HOST, NO_COUNTS, 1000)
      assert.deepEqual(flowsFrom(other, HOST, NO_COUNTS, 1000), sections)
    }),
  )
})
