// Every byte of a datagram of sFlow may be hostile: lengths that lie, counts that lie, anything at all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Collector } from '#2-decode/flow-exports-for-tests.ts'
import {
  type Bytes,
  ethernet,
  filled,
  SOURCE_V4,
  SOURCE_V6,
  TARGET_V4,
  TARGET_V6,
  u32,
  udpFrame,
  udpV4,
  udpV6,
} from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { processorMs } from '../../../test/processor-ms.ts'
import {
  address,
  discardSample,
  ethernetFields,
  expandedSample,
  flowSample,
  gatewayData,
  header,
  ipFields,
  type SampleFields,
  sflow,
  structure,
  switchData,
  vlanStack,
} from './sflow-for-tests.ts'
import { type Essence, referenceSamples } from './sflow-reference-for-tests.ts'

const HEADER = header(udpFrame())

/** Decodes among different foreign bytes, and at the end of memory; what is made of it must not differ. */
function decodeTwice(datagram: Bytes, insideTunnels = false): Collector {
  const [one, other] = [0x00, 0xff].map(poison => new Collector(undefined, poison)) as [Collector, Collector]
  for (const collector of [one, other]) {
    collector.exporter.insideTunnels = insideTunnels
    collector.decode(datagram)
  }
  assert.deepEqual(other.taken, one.taken)
  assert.deepEqual(other.exporter.sflow, one.exporter.sflow)
  assert.deepEqual(other.exporter.counters, one.exporter.counters)
  other.decodeAtEnd(datagram)
  return one
}

const word32 = ([a = 0, b = 0, c = 0, d = 0]: Bytes) => ((a * 256 + b) * 256 + c) * 256 + d

/** A datagram of one sample that ends with its last record, without padding. */
function unpadded(records: readonly Bytes[]): Bytes {
  const head = flowSample([], { stated: records.length }).slice(8)
  const content = [...head, ...records.flat()]
  return [...sflow([], { stated: 1 }), ...u32(1), ...u32(content.length), ...content]
}

test('a header that is longer than its record is refused, however it says so (GHSA-852r-3wcv-pjx2)', () => {
  const packet = udpFrame()
  const lengths = [packet.length + 5, 128, 1500, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff]
  for (const stated of lengths) {
    const { exporter, taken } = decodeTwice(sflow([flowSample([header(packet, { stated })])]))

    assert.equal(taken.length, 0, `length ${stated}`)
    assert.deepEqual([exporter.sflow.malformedHeaders, exporter.counters.malformed], [1, 1])
  }
})

test('a record too short for the head of a header is refused, at the very end of a datagram too', () => {
  for (let bytes = 0; bytes < 16; bytes++) {
    const { exporter, taken } = decodeTwice(
      sflow([flowSample([structure(1, [...u32(1), ...u32(64), ...u32(0), ...u32(64)].slice(0, bytes))])]),
    )

    assert.deepEqual([taken.length, exporter.sflow.malformedHeaders], [0, 1], `${bytes} bytes`)
  }
})

test('the next record is not part of a header', () => {
  const { exporter, taken } = decodeTwice(
    sflow([
      flowSample([
        header(udpFrame().slice(0, 20), { stated: 60 }),
        switchData(7),
        switchData(8),
        switchData(9),
      ]),
    ]),
  )

  assert.deepEqual([taken.length, exporter.sflow.malformedHeaders], [0, 1])
})

test('a header cut in the middle of the address is none', () => {
  for (const bytes of [0, 1, 13, 14, 20, 33]) {
    const { exporter, taken } = decodeTwice(sflow([flowSample([header(udpFrame().slice(0, bytes))])]))

    assert.deepEqual([taken.length, exporter.counters.undecodedFrames], [0, 1], `${bytes} bytes`)
  }
})

test('every record cut to every length, at the very end of a datagram, is read no further than it goes', () => {
  const path = [{ kind: 'sequence', systems: [64_502, 64_503] }] as const
  const tcp = { protocol: 6, flags: 2 }
  const contents: readonly (readonly [format: number, content: Bytes])[] = [
    ...[gatewayData({ source: 64_501, path }), gatewayData({ nextHop: SOURCE_V6, path })],
    ...[
      HEADER,
      ethernetFields(900),
      ipFields(SOURCE_V4, TARGET_V4, tcp),
      ipFields(SOURCE_V6, TARGET_V6, tcp),
    ],
    ...[switchData(7), vlanStack(1012, [5, 6]), structure(1027, u32(14))],
  ].map(record => [word32(record), record.slice(8)])
  let taken = 0
  for (const [format, content] of contents) {
    for (let bytes = 0; bytes <= content.length; bytes++) {
      const cut = [...u32(format), ...u32(bytes), ...content.slice(0, bytes)]
      const ipFirst = ipFields(SOURCE_V4, TARGET_V4, { length: 400 })
      for (const before of [[], [HEADER], [ipFirst]]) {
        const { exporter } = decodeTwice(unpadded([...before, cut]), true)
        assert.ok(exporter.counters.records === 1)
        taken += exporter.counters.taken
      }
    }
  }
  assert.ok(taken > 500, `${taken} were taken`)
})

test('lengths of records and samples that run over the end are malformed; what came before counts', () => {
  const huge = [0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1000]
  for (const stated of huge) {
    const inRecord = decodeTwice(sflow([flowSample([HEADER, structure(1001, filled(16), stated)])]))
    const inSample = decodeTwice(sflow([flowSample([HEADER]), structure(1, filled(64), stated)]))

    assert.deepEqual([inRecord.taken.length, inRecord.exporter.counters.malformed], [1, 1])
    assert.deepEqual([inSample.taken.length, inSample.exporter.counters.malformed], [1, 1])
  }
})

test('counts that do not fit are malformed; what is there counts', () => {
  for (const stated of [2, 1000, 0x7fff_ffff]) {
    const records = decodeTwice(sflow([flowSample([HEADER], { stated })]))
    const samples = decodeTwice(sflow([flowSample([HEADER])], { stated }))

    assert.deepEqual([records.taken.length, records.exporter.counters.malformed], [1, 1])
    assert.deepEqual([samples.taken.length, samples.exporter.counters.malformed], [1, 1])
  }
  for (const stated of [0x8000_0000, 0xffff_ffff]) {
    assert.equal(decodeTwice(sflow([flowSample([HEADER], { stated })])).exporter.counters.malformed, 1)
    assert.equal(decodeTwice(sflow([flowSample([HEADER])], { stated })).exporter.counters.malformed, 1)
  }
})

test('heads that are cut are malformed', () => {
  const whole = sflow([])
  for (let bytes = 4; bytes < whole.length; bytes++)
    assert.equal(decodeTwice(whole.slice(0, bytes)).exporter.counters.malformed, 1, `${bytes} bytes`)
  for (const kind of [3, 0x8000_0001, 0xffff_ffff])
    assert.equal(decodeTwice([...u32(5), ...u32(kind), ...filled(40, 0)]).exporter.counters.malformed, 1)
  for (const [format, bytes] of [
    [1, 31],
    [3, 43],
    [5, 31],
  ] as const)
    assert.equal(decodeTwice(sflow([structure(format, filled(bytes, 0))])).exporter.sflow.malformedSamples, 1)
})

test('samples and records of vendors are skipped by their length', () => {
  const { exporter, taken } = decodeTwice(
    sflow([
      structure((9 << 12) | 1, filled(33)),
      structure(6, []),
      flowSample([structure((4413 << 12) | 1, filled(7)), HEADER]),
      structure((4300 << 12) | 1003, filled(12)),
    ]),
  )

  const { sflow: counted, counters } = exporter
  assert.deepEqual(
    [taken.length, counted.otherSamples, counted.otherRecords, counters.malformed],
    [1, 3, 1, 0],
  )
})

test('65,535 bytes of the smallest samples or segments are read in no time', () => {
  const datagrams = [
    sflow(Array.from({ length: 8000 }, () => structure(9, []))),
    sflow([flowSample(Array.from({ length: 8000 }, () => structure(9, [])))]),
    sflow([
      flowSample([
        structure(1003, [...address([1, 2, 3, 4]), ...filled(12, 0), ...u32(8000), ...filled(64_000, 0)]),
        HEADER,
      ]),
    ]),
  ]
  for (const datagram of datagrams) {
    const collector = new Collector()
    const start = processorMs()

    collector.decode(datagram)

    assert.ok(processorMs() - start < 500)
    assert.equal(collector.exporter.counters.malformed, 0)
  }
})

const word = fc.oneof(
  fc.constantFrom(0, 1, 3, 64, 1000, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.integer({ min: 0, max: 2000 }),
)
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 8 }, { arbitrary, weight: 1 })
const packet: fc.Arbitrary<Bytes> = fc
  .tuple(
    fc.constantFrom(udpFrame(), udpV4(), udpV6(), ethernet(ETHER_TYPE.ipv6, udpV6()), filled(40)),
    fc.nat({ max: 80 }),
  )
  .map(([bytes, cut]) => bytes.slice(0, cut))
const headerRecord = fc
  .tuple(packet, fc.constantFrom(1, 1, 5, 7, 11, 12, 13), word, fc.oneof(fc.constant(4), word), rarely(word))
  .map(([bytes, protocol, frameLength, stripped, stated]) =>
    header(bytes, { protocol, frameLength, stripped, ...(stated === null ? {} : { stated }) }),
  )
const fields = fc
  .tuple(fc.boolean(), word, fc.constantFrom(1, 6, 17, 58, 256 + 6))
  .map(([isFour, length, protocol]) =>
    isFour
      ? ipFields(SOURCE_V4, TARGET_V4, { length, protocol })
      : ipFields(SOURCE_V6, TARGET_V6, { length, protocol }),
  )
const record: fc.Arbitrary<Bytes> = fc.oneof(
  { arbitrary: headerRecord, weight: 4 },
  { arbitrary: fields, weight: 2 },
  word.map(length => ethernetFields(length)),
  fc.constant(gatewayData()),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 1003, 1012, 5000), fc.array(fc.nat({ max: 255 }), { maxLength: 70 }))
    .map(([format, content]) => structure(format, content)),
)
const form = fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 3), fc.oneof(word, fc.constant(3)))
const sampleFields: fc.Arbitrary<SampleFields> = fc.record({
  source: fc.constantFrom(0, 3, 4),
  sourceClass: fc.constantFrom(0, 0, 2),
  rate: fc.constantFrom(1, 512),
  reason: word,
  input: form,
  output: form,
  padding: fc.constantFrom(0, 0, 4, 5),
})
const sample: fc.Arbitrary<Bytes> = fc
  .tuple(
    fc.constantFrom(flowSample, expandedSample, discardSample),
    fc.array(record, { maxLength: 5, size: 'max' }),
    sampleFields,
    rarely(word),
  )
  .map(([build, records, given, stated]) =>
    build(records, { ...given, ...(stated === null ? {} : { stated }) }),
  )

const NAMES = [
  ...['sampler', 'rate', 'inputInterface', 'outputInterface', 'isDropped', 'dropReason', 'family', 'bytes'],
  ...['sourceA', 'targetA', 'targetD', 'protocol', 'sourcePort', 'targetPort'],
]
const named = (taken: Readonly<Record<string, number | undefined>>): Essence =>
  Object.fromEntries(NAMES.map(name => [name, taken[name] ?? Number.NaN]))

test('any samples say what a plain decoder reads, cut anywhere', () => {
  let compared = 0
  fc.assert(
    fc.property(
      fc.array(sample, { maxLength: 4, size: 'max' }),
      rarely(fc.nat({ max: 900 })),
      (samples, cut) => {
        const whole = sflow(samples)
        const datagram = cut === null ? whole : whole.slice(0, Math.max(4, cut))
        const { taken } = decodeTwice(datagram)
        const expected = referenceSamples(datagram)
        assert.deepEqual(taken.map(named), expected.map(named))
        compared += expected.length
      },
    ),
    { numRuns: 4000 },
  )
  assert.ok(compared > 2000, `${compared} records were compared`)
})
