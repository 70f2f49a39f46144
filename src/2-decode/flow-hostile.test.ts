// Every byte of a datagram may be hostile: nothing throws, nothing outside is read, every bound holds, numbers stay right.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { measureFlowDecoding } from '../../bench/flow-decode.ts'
import { EXPORT_PROTOCOL, exportProtocolOf } from './export-protocol.ts'
import {
  Collector,
  type FieldBytes,
  ipfix,
  netflow9,
  number,
  set,
  template,
} from './flow-exports-for-tests.ts'
import { mutateFlowExports } from './flow-mutation-for-tests.ts'
import { type Essence, referenceRecords } from './flow-reference-for-tests.ts'
import { type Bytes, u16 } from './frame/frames-for-tests.ts'
import { messageLength } from './ipfix/message-length.ts'
import { MessageStream } from './ipfix/message-stream.ts'

const MUTATIONS = 200_000
const ADDRESSES: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
]

test('200,000 broken datagrams of every kind change nothing but counters', () => {
  const { inputs, taken, malformed, fault } = mutateFlowExports(MUTATIONS, 20_261_120)

  assert.equal(fault, undefined)
  assert.equal(inputs, MUTATIONS)
  assert.ok(taken > MUTATIONS / 10 && malformed > MUTATIONS / 10, `taken ${taken}, malformed ${malformed}`)
})

const numberField = fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535))
const field: fc.Arbitrary<FieldBytes> = fc.oneof(
  fc.constantFrom<FieldBytes>(
    [8, 4],
    [12, 4],
    [27, 16],
    [28, 16],
    [4, 1],
    [7, 2],
    [11, 2],
    [6, 1],
    [8, 5],
    [12, 65_535],
  ),
  fc.constantFrom<FieldBytes>([999, 3], [82, 65_535], [1, 4, 9], [5, 1], [15, 4], [27, 65_535], [225, 4]),
  numberField,
)

const essenceOf = (taken: Readonly<Record<string, number>>): Essence =>
  ['family', 'sourceA', 'targetA', 'protocol', 'sourcePort', 'targetPort', 'bytes', 'packets'].map(
    name => taken[name] ?? Number.NaN,
  )

test('any template over any bytes says what a plain decoder reads', () => {
  const small = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 255 }))
  const bytes: fc.Arbitrary<Bytes> = fc.array(small, { maxLength: 300, size: 'max' })
  let compared = 0
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 12, size: 'max' }), bytes, (fields, content) => {
      const taken = new Collector().decode(ipfix([set(2, [template(256, fields)]), set(256, [content])]))
      const expected = referenceRecords(fields, content)
      assert.deepEqual(taken.map(essenceOf), expected)
      compared += expected.length
    }),
    { numRuns: 3000 },
  )
  assert.ok(compared > 1000, `${compared} records were compared`)
})

test('random bytes behind each version are decoded to something or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(5, 9, 10), (random, version) => {
      new Collector().decode([...u16(version), ...random])
    }),
    { numRuns: 2000 },
  )
})

test('templates that would never end, or take all memory, are refused', () => {
  const forms: readonly (readonly [Bytes, 'malformed' | 'templatesRefused'])[] = [
    [
      netflow9([
        set(0, [
          template(256, [
            [8, 0],
            [12, 0],
          ]),
        ]),
        set(256, [[1, 2, 3]]),
      ]),
      'templatesRefused',
    ],
    [netflow9([set(0, [template(256, Array<FieldBytes>(513).fill([8, 4]))])]), 'malformed'],
    [netflow9([set(0, [[1, 0, 255, 255, 0, 8, 0, 4]])]), 'malformed'],
    [netflow9([set(0, [template(255, ADDRESSES)])]), 'malformed'],
    [
      netflow9([
        set(0, [
          template(256, [
            [82, 65_000],
            [83, 65_000],
          ]),
        ]),
      ]),
      'templatesRefused',
    ],
    [netflow9([set(1, [[1, 0, 0, 3, 0, 4, 0, 1, 0, 4]])]), 'malformed'],
    [ipfix([set(3, [[1, 0, 0, 1, 0, 2, 0, 34, 0, 4]])]), 'malformed'],
    [ipfix([set(2, [[1, 0, 0, 1, 0x80, 1, 0, 4]])]), 'malformed'],
    [ipfix([[1, 0, 0, 3]]), 'malformed'],
    [ipfix([[1, 0, 255, 255, 1]]), 'malformed'],
  ]
  for (const [datagram, counter] of forms) {
    const collector = new Collector()

    collector.decode(datagram)

    assert.equal(collector.exporter.counters[counter], 1, String(datagram.slice(0, 40)))
    assert.equal(collector.exporter.templates, 0)
  }
})

test('fields longer than their type can be are skipped and counted', () => {
  const collector = new Collector()
  const fields: readonly FieldBytes[] = [...ADDRESSES, [2, 4], [1, 9], [27, 8], [83, 300]]
  const content = [1, 2, 3, 4, 5, 6, 7, 8, ...number(3, 4), ...Array<number>(317).fill(9)]

  const [record] = collector.decode(netflow9([set(0, [template(256, fields)]), set(256, [content])]))

  assert.deepEqual([record?.['family'], record?.['packets'], record?.['bytes']], [4, 3, 0])
  assert.equal(collector.exporter.counters.oddFields, 2)
})

test('numbers beyond belief are not counted', () => {
  const collector = new Collector()
  const content = [1, 2, 3, 4, 5, 6, 7, 8, ...Array<number>(16).fill(0xff)]

  collector.decode(netflow9([set(0, [template(256, [...ADDRESSES, [1, 8], [2, 8]])]), set(256, [content])]))

  assert.equal(collector.taken.length, 0)
  assert.equal(collector.exporter.counters.implausible, 1)
})

test('rates that change with every datagram fill neither the memory nor the log', () => {
  const collector = new Collector()
  for (let sampler = 0; sampler < 1000; sampler++) {
    const content = [
      ...Array<number>(8).fill(1),
      ...number(1, 8),
      ...number(sampler, 2),
      ...number(sampler + 1, 4),
    ]
    const fields: readonly FieldBytes[] = [...ADDRESSES, [1, 4], [2, 4], [302, 2], [34, 4]]
    collector.decode(netflow9([set(0, [template(256, fields)]), set(256, [content])]))
  }
  const { counters, domains } = collector.exporter
  const [domain] = domains.values()

  assert.equal(collector.taken.length, 1000)
  assert.equal(domain?.rates.bySampler.size, 256)
  assert.equal(collector.exporter.takeEvents().length, 64)
  assert.deepEqual([counters.rateChanges, counters.refusedRates, counters.lostEvents], [256, 744, 192])
})

test('the version tells the protocol, and a stream of something else is none', () => {
  const protocolOf = (bytes: Bytes) =>
    exportProtocolOf(new DataView(Uint8Array.from(bytes).buffer), 0, bytes.length)

  assert.deepEqual(
    [
      [0, 5, 0, 1],
      [0, 9, 0, 1],
      [0, 10, 0, 16],
      [0, 0, 0, 5],
      [0, 0, 0, 4],
      [0, 1, 0, 1],
      [0, 5],
    ].map(protocolOf),
    [
      EXPORT_PROTOCOL.netflow5,
      EXPORT_PROTOCOL.netflow9,
      EXPORT_PROTOCOL.ipfix,
      EXPORT_PROTOCOL.sflow,
      ...[EXPORT_PROTOCOL.unknown, EXPORT_PROTOCOL.unknown, EXPORT_PROTOCOL.unknown],
    ],
  )
  assert.equal(messageLength(new DataView(new ArrayBuffer(1)), 0, 1), 0)
  assert.equal(
    new MessageStream().push(Uint8Array.of(1, 2), () => assert.fail()),
    false,
  )
})

test('the bench reads every record of the kinds it measures', () => {
  assert.ok(measureFlowDecoding(1, 1).every(({ nanoseconds, records }) => nanoseconds > 0 && records > 0))
})
