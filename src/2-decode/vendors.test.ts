// Templates as routers of known makers send them: each with what is peculiar about it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  type FieldBytes,
  ipfix,
  netflow9,
  number,
  optionsTemplate,
  optionsTemplate9,
  set,
  type Taken,
  template,
  UPTIME_MS,
  variable,
} from './flow-exports-for-tests.ts'
import { word } from './frame/decode-for-tests.ts'
import { filled, SOURCE_V4, TARGET_V4, udpFrame, udpV4 } from './frame/frames-for-tests.ts'
import { LINK } from './sample.ts'

const NOW = EXPORT_SECONDS * 1000
const VARIABLE = 65_535
const PLACE = 64

/** A field with its content: a number, or bytes as they are. */
type Content = readonly [element: number, bytes: number, content: number | readonly number[]]

const ADDRESSES: readonly Content[] = [
  [8, 4, SOURCE_V4],
  [12, 4, TARGET_V4],
]
const fieldsOf = (contents: readonly Content[]): FieldBytes[] =>
  contents.map(([element, bytes]) => [element, bytes])
const recordOf = (contents: readonly Content[]): number[] =>
  contents.flatMap(([, bytes, content]) =>
    typeof content === 'number' ? number(content, bytes) : [...content],
  )

/** Decodes one record behind its template, in the protocol. */
function decode(protocol: 'netflow9' | 'ipfix', contents: readonly Content[], collector = new Collector()) {
  const definition = template(300, fieldsOf(contents))
  const data = set(300, [recordOf(contents)])
  return collector.decode(
    protocol === 'netflow9' ? netflow9([set(0, [definition]), data]) : ipfix([set(2, [definition]), data]),
  )
}

const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])

test('Cisco ASA: updates of a connection count both ways, its beginning counts nothing', () => {
  const event = (kind: number, bytes: readonly [number, number]): readonly Content[] => [
    ...([[148, 4, 77], ...ADDRESSES, [7, 2, 40_000], [11, 2, 443], [10, 2, 3], [14, 2, 4]] as const),
    ...([
      [4, 1, 6],
      [176, 1, 0],
      [177, 1, 0],
      [225, 4, SOURCE_V4],
      [226, 4, TARGET_V4],
    ] as const),
    ...([
      [227, 2, 40_000],
      [228, 2, 443],
      [233, 1, kind],
      [323, 8, NOW],
      [152, 8, NOW - 5000],
    ] as const),
    ...([
      [231, 4, bytes[0]],
      [232, 4, bytes[1]],
    ] as const),
  ]
  const collector = new Collector()

  const update = decode('netflow9', event(5, [1_500_000, 3000]), collector)
  const creation = decode('netflow9', event(1, [0, 0]), collector)

  assert.deepEqual(
    update.map(record => pick(record, 'targetA', 'targetPort', 'bytes', 'packets', 'isReverse')),
    [
      [word(TARGET_V4), 443, 1_500_000, 1000, 0],
      [word(SOURCE_V4), 40_000, 3000, 2, 1],
    ],
  )
  assert.deepEqual(pick(update[0], 'inputInterface', 'durationMs', 'endMs'), [3, 5000, NOW])
  assert.equal(creation.length, 0)
  assert.equal(collector.exporter.counters.empty, 1)
})

test('Cisco ASR 1000: the rate of a random sampler in options, in two bytes or in four', () => {
  for (const bytes of [2, 4]) {
    const collector = new Collector()
    const options: readonly FieldBytes[] = [
      [48, 4],
      [84, 8],
      [49, 1],
      [50, bytes],
    ]
    const record = [...number(1, 4), ...number(2, 4), ...filled(8, 65), 2, ...number(1000, bytes)]
    collector.decode(netflow9([set(1, [optionsTemplate9(256, [[1, 4]], options)], 2), set(256, [record])]))

    const [named] = decode('netflow9', [...ADDRESSES, [48, 1, 2], [1, 4, 90], [2, 4, 1]], collector)
    const [plain] = decode('netflow9', [...ADDRESSES, [1, 4, 90], [2, 4, 1]], collector)

    assert.deepEqual([named?.['rate'], named?.['sampler'], plain?.['rate']], [1000, 2, 1000])
  }
})

test('Cisco IOS-XR: status in four bytes, interfaces as numbers, others as names in options', () => {
  const collector = new Collector()
  const names = optionsTemplate9(
    257,
    [
      [1, 4],
      [2, 4],
    ],
    [
      [10, 4],
      [82, 32],
      [83, 64],
    ],
  )
  collector.decode(
    netflow9([
      set(1, [names]),
      set(257, [[...number(1, 4), ...number(2, 4), ...number(7, 4), ...filled(96, 65)]]),
    ]),
  )

  const [record] = decode(
    'netflow9',
    [
      ...([...ADDRESSES, [2, 4, 3], [1, 4, 4000], [10, 4, 0x0800_0060], [14, 4, 0], [89, 4, 0x83]] as const),
      ...([
        [234, 4, 0x6000_0000],
        [235, 4, 0x6000_0001],
        [90, 8, filled(8, 1)],
        [54, 4, 0x1234],
      ] as const),
    ],
    collector,
  )

  assert.deepEqual(
    pick(record, 'packets', 'inputInterface', 'outputInterface', 'isDropped'),
    [3, 0x0800_0060, 0, 1],
  )
  assert.deepEqual([collector.exporter.counters.optionRecords, collector.exporter.counters.malformed], [1, 0])
})

test('Cisco NCS and ASR 9000: frames in IPFIX, their rate in options, and bytes behind the last record', () => {
  const collector = new Collector()
  const frame = udpFrame()
  const options = optionsTemplate(
    400,
    [[302, 8]],
    [
      [305, 4],
      [82, VARIABLE],
    ],
  )
  collector.decode(
    ipfix([set(3, [options]), set(400, [[...number(1, 8), ...number(4000, 4), ...variable([65])]], 3)]),
  )
  const fields: readonly FieldBytes[] = [
    [10, 4],
    [14, 4],
    [61, 1],
    [312, 2],
    [315, VARIABLE],
  ]
  const record = [...number(9, 4), ...number(0, 4), 0, ...number(1518, 2), ...variable(frame)]
  const data = set(300, [record, record], 3)

  const [first, second, ...others] = collector.decode(ipfix([set(2, [template(300, fields)]), data]))

  assert.equal(others.length, 0)
  assert.deepEqual(
    pick(first, 'targetPort', 'bytes', 'packets', 'rate', 'inputInterface', 'direction'),
    [80, 1518, 1, 4000, 9, 0],
  )
  const at = PLACE + 16 + 4 + 24 + 4 + 12
  assert.deepEqual(pick(first, 'frameAt', 'frameLength', 'frameLink'), [at, frame.length, LINK.ethernet])
  assert.equal(second?.['frameAt'], at + record.length)
})

test('layer 2 sections in IPFIX, padded beyond what they state, and bare IP sections, have their place', () => {
  const frame = udpFrame()
  const packet = [...udpV4(), ...filled(40)].slice(0, 60)

  const [section] = decode('ipfix', [
    [312, 2, 200],
    [103, 2, frame.length],
    [104, 96, [...frame, ...filled(96 - frame.length)]],
  ])
  const [ip] = decode('ipfix', [[313, 60, packet]])

  const head = PLACE + 16 + 4
  assert.deepEqual(pick(section, 'bytes', 'sourcePort', 'frameAt', 'frameLength', 'frameLink'), [
    ...[200, 1900, head + 16 + 4 + 4, frame.length, LINK.ethernet],
  ])
  assert.deepEqual(pick(ip, 'bytes', 'sourcePort', 'frameAt', 'frameLength', 'frameLink'), [
    ...[46, 1900, head + 8 + 4, 60, LINK.rawIp],
  ])
})

test('a record without a section after one with it has neither its place nor its packet', () => {
  const fields: readonly FieldBytes[] = [
    [8, 4],
    [12, 4],
    [2, 4],
    [1, 4],
    [315, VARIABLE],
  ]
  const record = (frame: readonly number[]) => [
    ...[...SOURCE_V4, ...TARGET_V4, ...number(5, 4), ...number(500, 4)],
    ...variable(frame),
  ]

  const [with_, without] = new Collector().decode(
    ipfix([set(2, [template(300, fields)]), set(300, [record(udpFrame()), record([])])]),
  )

  assert.deepEqual(pick(with_, 'packets', 'frameLength', 'ipLength'), [5, udpFrame().length, 46])
  assert.deepEqual(
    pick(without, 'packets', 'frameAt', 'frameLength', 'frameLink', 'ipLength'),
    [5, 0, 0, 0, 0],
  )
})

test('a frame that had to wait for its template is counted and has no place any more', () => {
  const collector = new Collector()
  collector.decode(ipfix([set(300, [variable(udpFrame())])]))

  const [late] = collector.decode(ipfix([set(2, [template(300, [[315, VARIABLE]])])], { sequence: 1 }))
  const [next] = collector.decode(ipfix([set(300, [variable(udpFrame())])], { sequence: 1 }))

  assert.deepEqual(pick(late, 'targetPort', 'frameAt', 'frameLength', 'frameLink'), [80, 0, 0, 0])
  assert.deepEqual(pick(next, 'targetPort', 'frameLength'), [80, udpFrame().length])
})

test('Juniper MX: the rate of the whole router in options of NetFlow v9, and no drop for output 0', () => {
  const collector = new Collector()
  const options = optionsTemplate9(
    256,
    [[1, 4]],
    [
      [42, 8],
      [41, 8],
      [130, 4],
      [160, 8],
      [34, 4],
      [36, 2],
      [37, 2],
    ],
  )
  const told = [
    ...[...number(1, 4), ...number(9, 8), ...number(9, 8), 192, 0, 2, 1, ...number(NOW - UPTIME_MS, 8)],
    ...[...number(100, 4), ...number(60, 2), ...number(15, 2)],
  ]
  collector.decode(netflow9([set(1, [options]), set(256, [told])]))

  const [record] = decode(
    'netflow9',
    [...ADDRESSES, [1, 4, 1000], [2, 4, 1], [14, 4, 0], [15, 4, [0, 0, 0, 0]]],
    collector,
  )

  assert.deepEqual(pick(record, 'rate', 'isDropped'), [100, 0])
  const domain = collector.exporter.knownDomain(9, 7)
  assert.deepEqual([domain?.activeTimeoutSeconds, domain?.idleTimeoutSeconds], [60, 15])
})

test('Juniper PTX: IPFIX with a name of variable length before what counts', () => {
  const [record] = decode('ipfix', [
    ...([[82, VARIABLE, variable([101, 116])], ...ADDRESSES, [7, 2, 53], [11, 2, 99]] as const),
    ...([
      [4, 1, 17],
      [1, 8, 4000],
      [2, 8, 4],
      [152, 8, NOW - 2000],
      [153, 8, NOW],
      [136, 1, 2],
    ] as const),
  ])

  assert.deepEqual(
    pick(record, 'sourcePort', 'targetPort', 'bytes', 'durationMs', 'endReason'),
    [53, 99, 4000, 2000, 2],
  )
})

test('MikroTik: translated addresses and MAC addresses beside the flow, the rate within it', () => {
  const nat: readonly Content[] = [
    ...([
      [60, 1, 4],
      [10, 4, 1],
      [14, 4, 2],
      [2, 4, 7],
      [1, 4, 700],
      [22, 4, UPTIME_MS - 900],
    ] as const),
    ...([[21, 4, UPTIME_MS], [7, 2, 1], [11, 2, 2], [4, 1, 17], [6, 1, 0], ...ADDRESSES] as const),
    ...([
      [15, 4, [192, 0, 2, 1]],
      [13, 1, 0],
      [9, 1, 0],
      [5, 1, 0],
      [80, 6, filled(6)],
    ] as const),
    ...([
      [56, 6, filled(6)],
      [225, 4, [192, 0, 2, 7]],
      [226, 4, [192, 0, 2, 8]],
      [227, 2, 9],
      [228, 2, 9],
    ] as const),
    [34, 4, 64],
  ]
  for (const protocol of ['netflow9', 'ipfix'] as const) {
    const [record, ...others] = decode(protocol, nat)

    assert.equal(others.length, 0)
    assert.deepEqual(pick(record, 'sourceA', 'targetA'), [word(SOURCE_V4), word(TARGET_V4)])
    assert.deepEqual(pick(record, 'sourcePort', 'packets', 'rate', 'durationMs'), [1, 7, 64, 900])
  }
})

test('Netgate TNSR: ports of UDP and of TCP side by side, times in nanoseconds', () => {
  const ntp = (ms: number) => [...number(Math.floor(ms / 1000) + 2_208_988_800, 4), ...number(0, 4)]
  const flow = (protocol: number, udp: readonly [number, number], tcp: readonly [number, number]) =>
    decode('ipfix', [
      ...([...ADDRESSES, [4, 1, protocol], [180, 2, udp[0]], [181, 2, udp[1]], [182, 2, tcp[0]]] as const),
      ...([
        [183, 2, tcp[1]],
        [6, 2, 0x12],
        [1, 8, 100],
        [2, 8, 1],
        [156, 8, ntp(NOW - 1000)],
      ] as const),
      [157, 8, ntp(NOW)],
    ])[0]

  assert.deepEqual(pick(flow(17, [53, 99], [0, 0]), 'sourcePort', 'targetPort', 'tcpFlags'), [53, 99, 0])
  assert.deepEqual(pick(flow(6, [0, 0], [443, 5]), 'sourcePort', 'targetPort', 'tcpFlags'), [443, 5, 0x12])
  assert.deepEqual(pick(flow(6, [0, 0], [443, 5]), 'durationMs', 'endMs'), [1000, NOW])
})

test('Nokia 7750: packets taken and left out, for each sampler of options', () => {
  const collector = new Collector()
  const options = optionsTemplate(
    400,
    [[302, 4]],
    [
      [304, 2],
      [305, 4],
      [306, 4],
    ],
  )
  const told = (sampler: number, space: number) => [
    ...[...number(sampler, 4), ...number(1, 2), ...number(1, 4), ...number(space, 4)],
  ]
  collector.decode(ipfix([set(3, [options]), set(400, [told(1, 999), told(2, 99)])]))

  const rates = [1, 2].map(
    sampler =>
      decode('ipfix', [...ADDRESSES, [302, 4, sampler], [1, 8, 90], [2, 8, 1]], collector)[0]?.['rate'],
  )

  assert.deepEqual(rates, [1000, 100])
})

test('ICMP by type and code in one, or each by itself; fragments by offset and flags', () => {
  const icmp = (...contents: Content[]) =>
    pick(
      decode('ipfix', [...ADDRESSES, [4, 1, 1], [1, 4, 84], [2, 4, 1], ...contents])[0],
      'icmpType',
      'icmpCode',
      'targetPort',
    )
  const fragment = (...contents: Content[]) =>
    pick(
      decode('ipfix', [...ADDRESSES, [4, 1, 17], [1, 4, 84], [2, 4, 1], ...contents])[0],
      'isFragment',
      'fragmentOffset',
    )

  assert.deepEqual(icmp([32, 2, 0x0b01]), [11, 1, 0])
  assert.deepEqual(icmp([176, 1, 3], [177, 1, 13]), [3, 13, 0])
  assert.deepEqual(icmp([7, 2, 0], [11, 2, 0x0800]), [8, 0, 0])
  assert.deepEqual(fragment([88, 2, 185]), [1, 1480])
  assert.deepEqual(fragment([88, 2, 0], [197, 1, 0x20]), [1, 0])
  assert.deepEqual(fragment([88, 2, 0], [197, 1, 0x40]), [0, 0])
})
