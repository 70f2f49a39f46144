// IPFIX, byte by byte: variable length, enterprises, options with scopes, withdrawals, two-way records, inline frames.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  type FieldBytes,
  ipfix,
  number,
  optionsTemplate,
  set,
  type Taken,
  template,
  variable,
} from '#2-decode/flow-exports-for-tests.ts'
import { word } from '#2-decode/frame/decode-for-tests.ts'
import { udpFrame, udpV4 } from '#2-decode/frame/frames-for-tests.ts'

const SOURCE = [198, 18, 0, 7]
const TARGET = [10, 99, 1, 250]
const VARIABLE = 65_535
const NOW = EXPORT_SECONDS * 1000
const ADDRESSES: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
]
const COUNTS: readonly FieldBytes[] = [
  [1, 4],
  [2, 4],
]
const COUNTED = [...number(5000, 4), ...number(10, 4)]

function decodeOne(fields: readonly FieldBytes[], content: readonly number[], collector = new Collector()) {
  return collector.decode(
    ipfix([
      set(2, [template(300, [...ADDRESSES, ...fields])]),
      set(300, [[...SOURCE, ...TARGET, ...content]]),
    ]),
  )
}

const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])

test('fields of other enterprises are skipped by their length, short, long and variable', () => {
  const fields: readonly FieldBytes[] = [[1, 4, 2636], [82, VARIABLE], [2, VARIABLE, 9], ...COUNTS]
  for (const isLong of [false, true]) {
    const foreign = [1, 2, 3, 4, ...variable([1, 2, 3], isLong), ...variable(Array(300).fill(7))]

    const [record] = decodeOne(fields, [...foreign, ...COUNTED])

    assert.deepEqual(pick(record, 'bytes', 'packets', 'targetA'), [5000, 10, word(TARGET)])
  }
})

test('records of variable length follow each other, and padding ends them', () => {
  const collector = new Collector()
  const fields: readonly FieldBytes[] = [[82, VARIABLE], ...ADDRESSES, ...COUNTS]
  const records = [0, 5, 254, 255, 1000].map(length => [
    ...variable(Array(length).fill(9)),
    ...SOURCE,
    ...TARGET,
    ...COUNTED,
  ])

  collector.decode(ipfix([set(2, [template(256, fields)]), set(256, records, 3)]))

  assert.equal(collector.taken.length, 5)
  assert.equal(collector.exporter.counters.malformed, 0)
})

test('addresses and numbers of variable length count when the length is theirs', () => {
  const collector = new Collector()
  const fields: readonly FieldBytes[] = [
    [8, VARIABLE],
    [12, VARIABLE],
    [1, VARIABLE],
    [2, VARIABLE],
  ]
  const good = [...variable(SOURCE), ...variable(TARGET), ...variable([1, 0, 0]), ...variable([3])]
  const odd = [
    ...variable([1, 2]),
    ...variable(Array(16).fill(1)),
    ...variable(Array(9).fill(1)),
    ...variable([3]),
  ]

  const records = collector.decode(ipfix([set(2, [template(256, fields)]), set(256, [good, odd])]))

  assert.deepEqual(
    records.map(record => pick(record, 'bytes', 'packets')),
    [[65_536, 3]],
  )
  assert.equal(collector.exporter.counters.withoutAddress, 1)
})

test('a two-way record gives both ways (RFC 5103)', () => {
  const fields: readonly FieldBytes[] = [
    ...COUNTS,
    ...([
      [7, 2],
      [11, 2],
      [4, 1],
      [6, 1],
      [61, 1],
      [10, 4],
      [14, 4],
    ] as const),
    ...([
      [1, 4, 29_305],
      [2, 4, 29_305],
      [6, 1, 29_305],
    ] as const),
  ]
  const content = [...COUNTED, 0x9c, 0x40, 0, 80, 6, 2, 0, ...number(3, 4), ...number(4, 4)]

  const [there, back, ...others] = decodeOne(fields, [...content, ...number(77, 4), ...number(1, 4), 0x12])

  assert.equal(others.length, 0)
  assert.deepEqual(pick(there, 'sourceA', 'targetPort', 'bytes', 'tcpFlags', 'isReverse', 'direction'), [
    ...[word(SOURCE), 80, 5000, 2, 0, 0],
  ])
  assert.deepEqual(pick(back, 'sourceA', 'targetPort', 'bytes', 'tcpFlags', 'isReverse', 'direction'), [
    ...[word(TARGET), 0x9c40, 77, 0x12, 1, 1],
  ])
  assert.deepEqual(pick(back, 'inputInterface', 'outputInterface'), [4, 3])
})

test('a two-way record without packets back gives one', () => {
  const records = decodeOne([...COUNTS, [1, 4, 29_305], [2, 4, 29_305]], [...COUNTED, ...number(0, 8)])

  assert.equal(records.length, 1)
})

test('inline frames: Ethernet of variable length, and the bare IP header', () => {
  const collector = new Collector()
  const decode = (fields: readonly FieldBytes[], content: readonly number[]) =>
    collector.decode(ipfix([set(2, [template(300, fields)]), set(300, [content])]))[0]

  const frame = decode(
    [
      [312, 2],
      [315, VARIABLE],
    ],
    [...number(1400, 2), ...variable(udpFrame())],
  )
  const header = decode([[313, 40]], [...udpV4(), ...Array(40).fill(0)].slice(0, 40))
  const wireless = decode(
    [
      [408, 2],
      [312, 2],
      [315, VARIABLE],
    ],
    [0, 2, 5, 5, ...variable(udpFrame())],
  )

  assert.deepEqual(pick(frame, 'sourceA', 'targetPort', 'bytes', 'packets'), [word(SOURCE), 80, 1400, 1])
  assert.deepEqual(pick(header, 'sourceA', 'targetPort', 'bytes', 'packets'), [word(SOURCE), 80, 46, 1])
  assert.equal(wireless, undefined)
  assert.equal(collector.exporter.counters.undecodedFrames, 1)
})

test('a negative duration (Juniper QFX) is counted and taken as none', () => {
  const collector = new Collector()
  const times = [...number(NOW, 8), ...number(NOW - 5, 8)]

  const [record] = decodeOne([...COUNTS, [152, 8], [153, 8]], [...COUNTED, ...times], collector)

  assert.equal(record?.['durationMs'], 0)
  assert.equal(collector.exporter.counters.negativeDurations, 1)
})

test('options of variable length, several records in one set, a selector as scope (Arista, Nokia)', () => {
  const collector = new Collector()
  const records = [1, 2].map(selector => [
    ...number(selector, 8),
    ...variable([65, 66]),
    ...number(selector * 100, 4),
  ])
  collector.decode(
    ipfix([
      set(3, [
        optionsTemplate(
          400,
          [[302, 8]],
          [
            [335, VARIABLE],
            [305, 4],
          ],
        ),
      ]),
      set(400, records),
    ]),
  )

  const [record] = decodeOne([...COUNTS, [302, 8]], [...COUNTED, ...number(1, 8)], collector)

  assert.deepEqual(pick(record, 'rate', 'sampler'), [100, 1])
})

test('a rate told in one domain serves the others until they have their own; timeouts are remembered', () => {
  const collector = new Collector()
  const options = optionsTemplate(
    400,
    [[144, 4]],
    [
      [34, 4],
      [36, 2],
      [37, 2],
    ],
  )
  collector.decode(
    ipfix([set(3, [options]), set(400, [[...number(1, 4), ...number(512, 4), 0, 60, 0, 15]])], { domain: 1 }),
  )

  const [record] = decodeOne(COUNTS, COUNTED, collector)

  assert.equal(record?.['rate'], 512)
  const domain = collector.exporter.knownDomain(10, 1)
  assert.deepEqual([domain?.activeTimeoutSeconds, domain?.idleTimeoutSeconds], [60, 15])
})

test('options about another domain teach that one', () => {
  const collector = new Collector()
  collector.decode(ipfix([set(2, [template(300, [...ADDRESSES, ...COUNTS])])]))
  const options = optionsTemplate(400, [[149, 4]], [[34, 4]])

  collector.decode(ipfix([set(3, [options]), set(400, [[...number(7, 4), ...number(64, 4)]])], { domain: 1 }))

  assert.equal(collector.exporter.knownDomain(10, 7)?.rates.learnt, 64)
  assert.equal(collector.exporter.knownDomain(10, 1)?.rates.learnt, 0)
})

test('withdrawals take one template or all of a kind', () => {
  const collector = new Collector()
  const withdraw = (kind: number, id: number) =>
    collector.decode(ipfix([set(kind, [[...number(id, 2), 0, 0]])]))
  const known = () => [...(collector.exporter.knownDomain(10, 7)?.templates.keys() ?? [])]
  collector.decode(
    ipfix([
      set(2, [template(300, COUNTS), template(301, COUNTS), template(302, COUNTS)]),
      set(3, [optionsTemplate(400, [[144, 4]], [[34, 4]])]),
    ]),
  )

  withdraw(2, 301)
  assert.deepEqual(known(), [300, 302, 400])
  withdraw(2, 2)
  assert.deepEqual(known(), [400])
  withdraw(3, 3)
  assert.deepEqual(known(), [])
  assert.equal(collector.exporter.counters.templatesWithdrawn, 4)
  assert.equal(collector.exporter.templateBytes, 0)
})

test('a sequence number is one of records, those of options too', () => {
  const collector = new Collector()
  const data = set(300, [
    [...SOURCE, ...TARGET, ...COUNTED],
    [...SOURCE, ...TARGET, ...COUNTED],
  ])
  collector.decode(
    ipfix([set(2, [template(300, [...ADDRESSES, ...COUNTS])]), data], { sequence: 0xffff_ffff }),
  )
  collector.decode(ipfix([data], { sequence: 1 }))
  collector.decode(ipfix([data], { sequence: 13 }))

  assert.equal(collector.exporter.knownDomain(10, 7)?.sequence.lost, 10)
})

test('a message longer than its datagram is refused, one shorter ends where it says', () => {
  const collector = new Collector()
  const data = set(300, [[...SOURCE, ...TARGET, ...COUNTED]])
  const first = ipfix([set(2, [template(300, [...ADDRESSES, ...COUNTS])])])
  collector.decode(first)

  collector.decode(ipfix([data], { stated: 200 }))
  collector.decode([...ipfix([data]), ...data])

  assert.equal(collector.taken.length, 1)
  assert.equal(collector.exporter.counters.malformed, 1)
})
