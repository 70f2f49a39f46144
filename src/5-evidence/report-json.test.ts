import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, exampleFlows, examplePacket } from './example.ts'
import { reportOf } from './report.ts'
import { reportJson, reportSchema } from './report-json.ts'

const PACKET = examplePacket({
  protocol: 6,
  tcpFlags: 0x12,
  timeMicros: Date.UTC(2026, 0, 15, 12, 0, 0) * 1000 + 7,
  bytesCaptured: new Uint8Array([0xde, 0xad, 0x00]),
})

test('a report in JSON satisfies its schema and survives JSON', () => {
  const json = reportJson(reportOf({ attack: exampleAttack(), flows: exampleFlows(3), packets: [PACKET] }))

  const parsed = reportSchema.parse(JSON.parse(JSON.stringify(json)))

  assert.deepEqual(parsed, json)
})

test('it says what crossed which limit and what the packets were', () => {
  const json = reportJson(reportOf({ attack: exampleAttack(), flows: exampleFlows(1), packets: [PACKET] }))

  assert.equal(json.schema, 'floodwarden.report/1')
  assert.equal(json.crossing?.threshold, 20_000)
  assert.match(
    json.why,
    /^incoming packets at 40,000 packets\/s went over the general limit of 20,000 packets\/s/,
  )
  assert.equal(json.attack.openedAt, '2026-01-15T12:00:00.000Z')
  assert.equal(json.averagePacketBytes.incoming, 200)
  assert.equal(json.flows[0]?.count, 3000)
  assert.deepEqual(json.packets[0]?.tcpFlags, ['syn', 'ack'])
  assert.deepEqual(json.packets[0]?.protocol, { number: 6, name: 'tcp' })
  assert.equal(json.packets[0]?.time, '2026-01-15T12:00:00.000007Z')
})

test('bytes of packets are told only on request', () => {
  const report = reportOf({ attack: exampleAttack(), flows: [], packets: [PACKET] })

  const without = reportJson(report).packets[0]
  const withHeaders = reportSchema.parse(reportJson(report, { headers: true })).packets[0]

  assert.equal(without !== undefined && 'header' in without, false)
  assert.equal(withHeaders?.header, 'dead00')
  assert.equal(withHeaders?.linkType, 1)
})

test('an attack that ended says when and why; a manual one has no crossing', () => {
  const {
    isOver: _isOver,
    lastOverAt: _lastOverAt,
    ...facts
  } = exampleAttack({
    origin: 'manual',
    crossing: undefined,
  })
  const attack = {
    ...facts,
    state: 'ended',
    endedAt: Date.UTC(2026, 0, 15, 13),
    endedBy: 'operator',
  } as const

  const json = reportSchema.parse(reportJson(reportOf({ attack, flows: [], packets: [] })))

  assert.equal(json.attack.endedAt, '2026-01-15T13:00:00.000Z')
  assert.equal(json.attack.endedBy, 'operator')
  assert.equal(json.crossing, null)
  assert.equal(json.why, 'an operator asked for it')
})
