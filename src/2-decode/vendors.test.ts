// Templates as routers of other makers send them: each with what is peculiar about it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  EXPORT_SECONDS,
  ipfix,
  netflow9,
  number,
  optionsTemplate,
  optionsTemplate9,
  set,
  UPTIME_MS,
  variable,
} from './flow-exports-for-tests.ts'
import { word } from './frame/decode-for-tests.ts'
import { filled, SOURCE_V4, TARGET_V4 } from './frame/frames-for-tests.ts'
import { ADDRESSES, type Content, decodeRecord, pick } from './vendors-for-tests.ts'

const NOW = EXPORT_SECONDS * 1000
const VARIABLE = 65_535

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

  const [record] = decodeRecord(
    'netflow9',
    [...ADDRESSES, [1, 4, 1000], [2, 4, 1], [14, 4, 0], [15, 4, [0, 0, 0, 0]]],
    collector,
  )

  assert.deepEqual(pick(record, 'rate', 'isDropped'), [100, 0])
  const domain = collector.exporter.knownDomain(9, 7)
  assert.deepEqual([domain?.activeTimeoutSeconds, domain?.idleTimeoutSeconds], [60, 15])
})

test('Juniper PTX: IPFIX with a name of variable length before what counts', () => {
  const [record] = decodeRecord('ipfix', [
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
    const [record, ...others] = decodeRecord(protocol, nat)

    assert.equal(others.length, 0)
    assert.deepEqual(pick(record, 'sourceA', 'targetA'), [word(SOURCE_V4), word(TARGET_V4)])
    assert.deepEqual(pick(record, 'sourcePort', 'packets', 'rate', 'durationMs'), [1, 7, 64, 900])
  }
})

test('Netgate TNSR: ports of UDP and of TCP side by side, times in nanoseconds', () => {
  const ntp = (ms: number) => [...number(Math.floor(ms / 1000) + 2_208_988_800, 4), ...number(0, 4)]
  const flow = (protocol: number, udp: readonly [number, number], tcp: readonly [number, number]) =>
    decodeRecord('ipfix', [
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
      decodeRecord('ipfix', [...ADDRESSES, [302, 4, sampler], [1, 8, 90], [2, 8, 1]], collector)[0]?.['rate'],
  )

  assert.deepEqual(rates, [1000, 100])
})

test('ICMP by type and code in one, or each by itself; fragments by offset and flags', () => {
  const icmp = (...contents: Content[]) =>
    pick(
      decodeRecord('ipfix', [...ADDRESSES, [4, 1, 1], [1, 4, 84], [2, 4, 1], ...contents])[0],
      'icmpType',
      'icmpCode',
      'targetPort',
    )
  const fragment = (...contents: Content[]) =>
    pick(
      decodeRecord('ipfix', [...ADDRESSES, [4, 1, 17], [1, 4, 84], [2, 4, 1], ...contents])[0],
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
