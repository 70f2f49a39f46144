import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplesOfRecords } from './distill/sample-of-record.ts'
import { examplePacket } from './example.ts'
import { talliesOfRecords, talliesOfSamples } from './tallies.ts'

const PACKETS = [
  examplePacket({ source: '198.51.100.7', sourcePort: 53, bytes: 1400, weight: 3 }),
  examplePacket({ source: '198.51.100.8', sourcePort: 123, bytes: 60 }),
  examplePacket({ source: '198.51.100.8', sourcePort: 0, targetPort: 0, isFragment: true, bytes: 1500 }),
  examplePacket({ protocol: 6, tcpFlags: 0x12, sourcePort: 80, targetPort: 4000, bytes: 40 }),
]

test('values are counted by what packets stand for, the commonest first', () => {
  const { packets, of } = talliesOfRecords(PACKETS)

  assert.equal(packets, 4)
  assert.deepEqual(of.sources.top, [
    { value: '198.51.100.7', share: 4 / 6, packets: 2 },
    { value: '198.51.100.8', share: 2 / 6, packets: 2 },
  ])
  assert.deepEqual(
    of.protocols.top.map(({ value, packets }) => [value, packets]),
    [
      ['udp', 3],
      ['tcp', 1],
    ],
  )
  assert.deepEqual(of.tcpFlags, {
    distinct: 1,
    packets: 1,
    top: [{ value: 'syn ack', share: 1, packets: 1 }],
  })
})

test('a later fragment has no ports, and lengths stand in their order', () => {
  const { of } = talliesOfRecords(PACKETS)

  assert.equal(of.sourcePorts.packets, 3)
  assert.deepEqual(
    of.sourcePorts.top.map(({ value }) => value),
    ['53', '80', '123'],
  )
  assert.deepEqual(
    of.lengths.top.map(({ value, packets }) => [value, packets]),
    [
      ['0 to 63', 2],
      ['1280 to 1499', 1],
      ['1500 and more', 1],
    ],
  )
  assert.deepEqual(
    of.fragments.top.map(({ value, packets }) => [value, packets]),
    [
      ['whole', 3],
      ['fragment', 1],
    ],
  )
})

test('what a flow record does not tell is not counted', () => {
  const { of } = talliesOfRecords([examplePacket({ recordPackets: 9 })])

  assert.deepEqual(of.lengths, { distinct: 0, packets: 0, top: [] })
})

test('samples of the distiller are counted likewise', () => {
  const { of, packets } = talliesOfSamples(samplesOfRecords(PACKETS, false))

  assert.equal(packets, 4)
  assert.deepEqual(of.sources, talliesOfRecords(PACKETS).of.sources)
  assert.deepEqual(of.tcpFlags, talliesOfRecords(PACKETS).of.tcpFlags)
})

test('of many values ten are told, and how many there are', () => {
  const { of } = talliesOfRecords(
    Array.from({ length: 300 }, (_, at) => examplePacket({ source: `203.0.${at >> 8}.${at & 255}` })),
  )

  assert.deepEqual([of.sources.distinct, of.sources.top.length], [300, 10])
})

test('nothing makes nothing', () => {
  assert.deepEqual(talliesOfRecords([]).of.sources, { distinct: 0, packets: 0, top: [] })
})
