// Packets that records of NetFlow and IPFIX bring along, and where their bytes stand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  type FieldBytes,
  ipfix,
  number,
  optionsTemplate,
  set,
  template,
  variable,
} from './flow-exports-for-tests.ts'
import { filled, SOURCE_V4, TARGET_V4, udpFrame, udpV4 } from './frame/frames-for-tests.ts'
import { LINK } from './sample.ts'
import { decodeRecord, pick } from './vendors-for-tests.ts'

const VARIABLE = 65_535
const PLACE = 64

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

  const [section] = decodeRecord('ipfix', [
    [312, 2, 200],
    [103, 2, frame.length],
    [104, 96, [...frame, ...filled(96 - frame.length)]],
  ])
  const [ip] = decodeRecord('ipfix', [[313, 60, packet]])

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
