import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hexOf } from '../../lab/vectors/draw.ts'
import { type PacketMaker, to, udp } from '../../lab/vectors/packet.ts'
import { framesOf, VECTOR_CASES } from '../../lab/vectors/vectors.ts'
import { nameAttack } from './name-attack.ts'
import { shapeOfFrames } from './shape-for-tests.ts'
import { budgetAt, weigh } from './suspicion.ts'
import type { SuspicionFacts } from './suspicion-table.ts'

type Known = Omit<SuspicionFacts, 'shape' | 'finding'>

const NOTHING_KNOWN: Known = { friends: 0, novel: undefined, impossible: 0, seesAnswers: true }
const KNOWN_IN_CALM: Known = { ...NOTHING_KNOWN, novel: 0 }

test('every vector is suspected at once, and its nearest honest neighbour is not', () => {
  for (const { vector, attack, neighbour, direction = 'incoming' } of VECTOR_CASES) {
    if (direction === 'outgoing') continue
    const flood = weightOf(attack, NOTHING_KNOWN)
    const honest = weightOf(neighbour.packets, neighbour.isOneWay ? KNOWN_IN_CALM : NOTHING_KNOWN)
    assert.ok(flood >= 0.8, `${vector}: ${flood}`)
    assert.ok(honest <= 0.4, `neighbour of ${vector}: ${honest}`)
  }
})

test('messages to a syslog are not suspected for the silence, but for strangers that send unheard-of ones', () => {
  const collector = VECTOR_CASES.find(({ neighbour }) => neighbour.isOneWay)
  assert.ok(collector)
  const message = hexOf('<134>1 2026-11-20T10:11:49.533Z server sshd 1 - - ')
  const imitated: PacketMaker = draw => udp(to(draw.outside(60_000)), 514, 514, draw.payload(message, 300))

  assert.ok(weightOf(collector.neighbour.packets, NOTHING_KNOWN) <= 0.5)
  assert.ok(weightOf(imitated, { ...NOTHING_KNOWN, novel: 1 }) >= 0.8)
})

function weightOf(maker: PacketMaker, known: Known): number {
  const shape = shapeOfFrames(framesOf(maker, { packets: 250 }), 'incoming')
  return weigh({ shape, finding: nameAttack(shape), ...known })?.weight ?? 0.5
}

test('the budget goes from patient to urgent in equal ratios', () => {
  const bounds = { patientSeconds: 16, urgentSeconds: 0.25 }

  assert.deepEqual(
    [0, 0.5, 1].map(weight => budgetAt(weight, bounds)),
    [16, 2, 0.25],
  )
})
