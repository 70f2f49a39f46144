// Templates as routers and firewalls of Cisco send them: each with what is peculiar about it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  type FieldBytes,
  netflow9,
  number,
  optionsTemplate9,
  set,
} from './flow-exports-for-tests.ts'
import { word } from './frame/decode-for-tests.ts'
import { filled, SOURCE_V4, TARGET_V4 } from './frame/frames-for-tests.ts'
import { ADDRESSES, type Content, decodeRecord, pick } from './vendors-for-tests.ts'

const NOW = EXPORT_SECONDS * 1000

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

  const update = decodeRecord('netflow9', event(5, [1_500_000, 3000]), collector)
  const creation = decodeRecord('netflow9', event(1, [0, 0]), collector)

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

    const [named] = decodeRecord('netflow9', [...ADDRESSES, [48, 1, 2], [1, 4, 90], [2, 4, 1]], collector)
    const [plain] = decodeRecord('netflow9', [...ADDRESSES, [1, 4, 90], [2, 4, 1]], collector)

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

  const [record] = decodeRecord(
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
