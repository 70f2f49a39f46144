// NetFlow v9, byte by byte: template shapes, options, and what vendors make of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  type FieldBytes,
  IPV4_FIELDS,
  ipv4Record,
  netflow9,
  number,
  optionsTemplate9,
  set,
  type Taken,
  template,
} from '#2-decode/flow-exports-for-tests.ts'
import { word } from '#2-decode/frame/decode-for-tests.ts'
import { SOURCE_V6, TARGET_V6, udpFrame } from '#2-decode/frame/frames-for-tests.ts'

const SOURCE = [198, 18, 0, 7]
const TARGET = [10, 99, 1, 250]
const ADDRESSES: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
]
const COUNTS: readonly FieldBytes[] = [
  [1, 4],
  [2, 4],
]
const COUNTED = [...number(5000, 4), ...number(10, 4)]
const plainTemplate = set(0, [template(256, IPV4_FIELDS)])

/** Decodes one record of one template that has the addresses before the given fields. */
function decodeOne(fields: readonly FieldBytes[], content: readonly number[], collector = new Collector()) {
  return collector.decode(
    netflow9([
      set(0, [template(300, [...ADDRESSES, ...fields])]),
      set(300, [[...SOURCE, ...TARGET, ...content]]),
    ]),
  )
}

const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])

test('a template and its records in one datagram', () => {
  const collector = new Collector()

  const [record, ...others] = collector.decode(netflow9([plainTemplate, set(256, [ipv4Record()], 3)]))

  assert.equal(others.length, 0)
  assert.deepEqual(pick(record, 'sourceA', 'targetA'), [word(SOURCE), word(TARGET)])
  assert.deepEqual(pick(record, 'sourcePort', 'targetPort', 'protocol'), [1900, 80, 17])
  assert.deepEqual(pick(record, 'packets', 'bytes', 'inputInterface', 'outputInterface'), [10, 5000, 3, 4])
  assert.deepEqual(pick(record, 'sourceAs', 'targetAs'), [64_500, 64_501])
  assert.deepEqual(pick(record, 'durationMs', 'endMs'), [2000, EXPORT_SECONDS * 1000 - 1000])
})

test('the head counts records, and more than 256 of them are as good as few', () => {
  const collector = new Collector()
  const many = Array.from({ length: 700 }, () => ipv4Record())

  collector.decode(
    netflow9([plainTemplate, set(256, many.slice(0, 400)), set(256, many.slice(400))], { stated: 701 }),
  )

  assert.equal(collector.taken.length, 700)
  assert.equal(collector.exporter.counters.malformed, 0)
})

test('several templates in one FlowSet, and an IPv6 one among them', () => {
  const collector = new Collector()
  const six: readonly FieldBytes[] = [[27, 16], [28, 16], ...COUNTS, [4, 1]]

  const records = collector.decode(
    netflow9([
      set(0, [template(256, IPV4_FIELDS), template(257, six)]),
      set(257, [[...SOURCE_V6, ...TARGET_V6, ...COUNTED, 58]]),
    ]),
  )

  assert.deepEqual(pick(records[0], 'family', 'sourceA', 'targetD', 'protocol'), [
    6,
    word(SOURCE_V6),
    word(TARGET_V6, 12),
    58,
  ])
})

test('zero IPv6 addresses beside IPv4 ones mean IPv4', () => {
  const [record] = decodeOne([[27, 16], [28, 16], ...COUNTS], [...Array<number>(32).fill(0), ...COUNTED])

  assert.deepEqual(pick(record, 'family', 'sourceA', 'sourceB', 'targetA'), [
    4,
    word(SOURCE),
    0,
    word(TARGET),
  ])
})

test('numbers of two and of eight bytes, and totals where deltas are missing (Bison)', () => {
  const [short] = decodeOne(
    [
      [1, 2],
      [2, 2],
      [10, 2],
      [16, 2],
    ],
    [1, 0, 0, 9, 0, 3, 1, 1],
  )
  const [long] = decodeOne(
    [
      [85, 8],
      [86, 8],
    ],
    [...number(5_000_000_000, 8), ...number(7, 8)],
  )
  const [out] = decodeOne(
    [
      [23, 4],
      [24, 4],
    ],
    COUNTED,
  )

  assert.deepEqual(pick(short, 'bytes', 'packets', 'inputInterface', 'sourceAs'), [256, 9, 3, 257])
  assert.deepEqual(pick(long, 'bytes', 'packets'), [5_000_000_000, 7])
  assert.deepEqual(pick(out, 'bytes', 'packets'), [5000, 10])
})

test('a sampling interval inside the records (MikroTik) is used and remembered', () => {
  const collector = new Collector()

  const [record] = decodeOne([...COUNTS, [34, 4]], [...COUNTED, ...number(256, 4)], collector)
  const [other] = decodeOne(COUNTS, COUNTED, collector)

  assert.equal(record?.['rate'], 256)
  assert.equal(other?.['rate'], 256)
})

test('options tell the rate of each sampler, in two bytes or in four', () => {
  const collector = new Collector()
  collector.decode(
    netflow9([
      set(
        1,
        [
          optionsTemplate9(
            400,
            [[1, 4]],
            [
              [48, 1],
              [49, 1],
              [50, 2],
            ],
          ),
        ],
        2,
      ),
      set(400, [
        [...number(0, 4), 1, 2, ...number(1000, 2)],
        [...number(0, 4), 2, 2, ...number(50, 2)],
      ]),
    ]),
  )

  const first = decodeOne([...COUNTS, [48, 1]], [...COUNTED, 1], collector)
  const second = decodeOne([...COUNTS, [48, 1]], [...COUNTED, 2], collector)

  assert.deepEqual(pick(first[0], 'rate', 'sampler'), [1000, 1])
  assert.deepEqual(pick(second[0], 'rate', 'sampler'), [50, 2])
  assert.equal(collector.exporter.counters.optionRecords, 2)
})

test('Cisco ASA: one record of a connection becomes one of each direction', () => {
  const records = decodeOne(
    [
      [148, 4],
      [231, 4],
      [232, 4],
      [298, 4],
      [299, 4],
      [7, 2],
      [11, 2],
      [4, 1],
    ],
    [
      ...number(1, 4),
      ...number(600, 4),
      ...number(9000, 4),
      ...number(6, 4),
      ...number(8, 4),
      0,
      99,
      0,
      53,
      17,
    ],
  )

  assert.deepEqual(
    records.map(record => pick(record, 'sourceA', 'sourcePort', 'bytes', 'packets', 'isReverse')),
    [
      [word(SOURCE), 99, 600, 6, 0],
      [word(TARGET), 53, 9000, 8, 1],
    ],
  )
})

test('events of address translation are counted and nothing else', () => {
  const collector = new Collector()

  const records = decodeOne([...COUNTS, [230, 1]], [...COUNTED, 1], collector)

  assert.equal(records.length, 0)
  assert.equal(collector.exporter.counters.natEvents, 1)
})

test('forwarding status says what was dropped, in one byte or in four (IOS-XR)', () => {
  const statuses = [0x40, 0x80, 0x83, 0xc0].map(
    status => decodeOne([...COUNTS, [89, 1]], [...COUNTED, status])[0],
  )
  const [wide] = decodeOne([...COUNTS, [89, 4]], [...COUNTED, 0, 0, 0, 0x81])

  assert.deepEqual(
    [...statuses, wide].map(record => record?.['isDropped']),
    [0, 1, 1, 0, 1],
  )
})

test('NetFlow Lite: a piece of the frame, its size, and the rate as two totals', () => {
  const collector = new Collector()
  const frame = udpFrame()
  const fields: readonly FieldBytes[] = [
    [318, 4],
    [319, 4],
    [312, 2],
    [103, 2],
    [104, 128],
  ]
  const content = [
    ...number(100_000, 4),
    ...number(100, 4),
    ...number(1400, 2),
    ...number(frame.length, 2),
    ...frame,
    ...Array<number>(128 - frame.length).fill(0xaa),
  ]

  const [record] = collector.decode(netflow9([set(0, [template(300, fields)]), set(300, [content])]))

  assert.deepEqual(pick(record, 'sourceA', 'sourcePort', 'targetPort'), [word(SOURCE), 1900, 80])
  assert.deepEqual(pick(record, 'packets', 'bytes', 'rate'), [1, 1400, 1000])
})

test('a sequence number is one of datagrams', () => {
  const collector = new Collector()

  for (const sequence of [1, 2, 5, 6, 4])
    collector.decode(netflow9([plainTemplate, set(256, [ipv4Record()])], { sequence }))

  const [domain] = collector.exporter.domains.values()
  assert.deepEqual(pick({ ...domain?.sequence } as unknown as Taken, 'lost', 'late'), [1, 1])
})

test('an exporter that began anew lost nothing', () => {
  const collector = new Collector()
  collector.decode(netflow9([plainTemplate], { sequence: 90_000, uptime: 4_000_000 }))

  collector.decode(netflow9([plainTemplate], { sequence: 1, uptime: 3000 }))

  const [domain] = collector.exporter.domains.values()
  assert.deepEqual([domain?.sequence.lost, domain?.sequence.restarts], [0, 1])
  assert.deepEqual(collector.exporter.takeEvents(), [{ kind: 'restarted', domain: 7 }])
})
