import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseOf, framesOf } from '../../lab/vectors/vectors.ts'
import type { PacketRecord } from './evidence.ts'
import { exampleAttack, examplePacket } from './example.ts'
import { findingOf, shapeOfPackets } from './shape-of-packets.ts'

const VICTIM = '10.10.10.10'
const ATTACK = exampleAttack({ host: VICTIM, prefixes: [`${VICTIM}/32`] })

/** Records as the sample desk makes them; only their bytes and whose they are matter here. */
const recordsOf = (vector: string, packets: number): PacketRecord[] => {
  const found = caseOf(vector)
  assert.ok(found)
  return framesOf(found.attack, { packets }).map(bytesCaptured =>
    examplePacket({ bytesCaptured, target: VICTIM, bytes: bytesCaptured.length, weight: 4 }),
  )
}

test('packet records are named by their bytes', () => {
  const finding = findingOf(ATTACK, recordsOf('ntp-amplification', 200), false)

  assert.deepEqual(
    finding?.parts.map(({ vector, share }) => ({ vector, share })),
    [{ vector: 'ntp-amplification', share: 1 }],
  )
  assert.equal(finding.packets, 200)
})

test('an attack on prefixes is named by the packets of all their hosts', () => {
  const records = recordsOf('syn-flood', 100).map((record, at) => ({ ...record, target: `10.10.20.${at}` }))
  const attack = exampleAttack({ scope: 'prefix', host: '10.10.20.0/25', prefixes: ['10.10.20.0/25'] })

  assert.equal(findingOf(attack, records, false)?.parts[0]?.vector, 'syn-flood')
})

test('records without bytes, as of flow telemetry, count by their numbers', () => {
  const records = Array.from({ length: 50 }, (_, at) =>
    examplePacket({ source: `198.51.100.${at}`, protocol: 6, tcpFlags: 2, bytes: 60 }),
  )
  const shape = shapeOfPackets(records, address => address === '192.0.2.1', 'incoming', false)

  assert.equal(shape.samples, 50)
  assert.ok(shape.peers.estimate > 40)
  assert.equal(findingOf(exampleAttack(), records, false)?.parts[0]?.vector, 'syn-flood')
})

test('packets the other way are replies', () => {
  const there = examplePacket()
  const back = examplePacket({ source: there.target, target: there.source })
  const shape = shapeOfPackets([there, back], address => address === there.target, 'incoming', false)

  assert.deepEqual([shape.samples, shape.replies], [1, 1])
})

test('of very many packets the newest are looked at', () => {
  const records = Array.from({ length: 5000 }, () => examplePacket())

  assert.equal(findingOf(exampleAttack(), records, false)?.packets, 4096)
})

test('a ban by hand has no name', () => {
  assert.equal(findingOf(exampleAttack({ direction: 'other' }), recordsOf('syn-flood', 50), false), undefined)
})
