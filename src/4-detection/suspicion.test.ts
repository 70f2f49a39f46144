import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framesOf, VECTOR_CASES } from '../../lab/vectors/vectors.ts'
import { nameAttack } from './name-attack.ts'
import { shapeOfFrames } from './shape-for-tests.ts'
import { budgetAt, weigh } from './suspicion.ts'

const NOTHING_KNOWN = { friends: 0, novel: undefined, impossible: 0, seesAnswers: true }

test('every vector is suspected at once, and its nearest honest neighbour is not', () => {
  for (const { vector, attack, neighbour, direction = 'incoming' } of VECTOR_CASES) {
    if (direction === 'outgoing') continue
    const weightOf = (maker: typeof attack) => {
      const shape = shapeOfFrames(framesOf(maker, { packets: 250 }), direction)
      return weigh({ shape, finding: nameAttack(shape), ...NOTHING_KNOWN })?.weight ?? 0.5
    }
    assert.ok(weightOf(attack) >= 0.8, `${vector}: ${weightOf(attack)}`)
    assert.ok(weightOf(neighbour.packets) <= 0.4, `neighbour of ${vector}: ${weightOf(neighbour.packets)}`)
  }
})

test('the budget goes from patient to urgent in equal ratios', () => {
  const bounds = { patientSeconds: 16, urgentSeconds: 0.25 }

  assert.deepEqual(
    [0, 0.5, 1].map(weight => budgetAt(weight, bounds)),
    [16, 2, 0.25],
  )
})
