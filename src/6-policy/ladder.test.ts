import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { climb, firstStep, type Ladder, type Progress } from './ladder.ts'
import { LIMIT_DISCARD_DROP, playbooksFrom } from './playbooks-for-tests.ts'

const [PLAYBOOK] = playbooksFrom([LIMIT_DISCARD_DROP])
const FLOOD: Progress = { isOver: true, peak: 40_000, speed: 40_000, confidence: 0.9 }
const SHRUNK: Progress = { isOver: false, peak: 40_000, speed: 10_000, confidence: 0.9 }
const at = (step: number, sinceMs = 0, calmSinceMs?: number): Ladder => ({
  ...{ playbook: 'udp', step, sinceMs, calmSinceMs },
})

test('it goes up when the flood is still over its limit after the time of the next step, and says why', () => {
  const before = climb(at(0), PLAYBOOK!, FLOOD, 119_999)
  const after = climb(at(0), PLAYBOOK!, FLOOD, 120_000)

  assert.deepEqual(before, { ladder: at(0), reason: undefined })
  assert.deepEqual(after, {
    ladder: at(1, 120_000),
    reason:
      'up from step limit to step discard: still over its limit after 120 s on the step (at least 120 s), and the confidence is 0.9 (at least 0.7)',
  })
})

test('by the escalation of its customer it goes up sooner or later, and says so', () => {
  const early = climb(at(0), PLAYBOOK!, FLOOD, 59_999, 0.5)
  const strict = climb(at(0), PLAYBOOK!, FLOOD, 60_000, 0.5)
  const relaxed = [239_999, 240_000].map(nowMs => climb(at(0), PLAYBOOK!, FLOOD, nowMs, 2).ladder.step)

  assert.equal(early.ladder.step, 0)
  assert.equal(
    strict.reason,
    "up from step limit to step discard: still over its limit after 60 s on the step (at least 60 s, 0.5 times its own by the customer's escalation), and the confidence is 0.9 (at least 0.7)",
  )
  assert.deepEqual(relaxed, [0, 1])
})

test('it stays while the flood is below its limit or nobody is sure', () => {
  assert.equal(climb(at(0), PLAYBOOK!, { ...FLOOD, isOver: false }, 500_000).ladder.step, 0)
  assert.equal(climb(at(0), PLAYBOOK!, { ...FLOOD, confidence: 0.69 }, 500_000).ladder.step, 0)
})

test('it goes back one step when the flood stayed small for long enough, and each step takes its time', () => {
  const calm = climb(at(2), PLAYBOOK!, SHRUNK, 1000)
  const early = climb(calm.ladder, PLAYBOOK!, SHRUNK, 60_999)
  const back = climb(early.ladder, PLAYBOOK!, SHRUNK, 61_000)

  assert.deepEqual(calm.ladder, at(2, 0, 1000))
  assert.equal(early.ladder.step, 2)
  assert.deepEqual(back, {
    ladder: at(1, 61_000),
    reason:
      'down from step drop to step discard: for 60 s below 50 % of its peak, now 10,000 of 40,000 packets/s (for at least 60 s)',
  })
  assert.equal(
    climb(climb(back.ladder, PLAYBOOK!, SHRUNK, 62_000).ladder, PLAYBOOK!, SHRUNK, 121_999).ladder.step,
    1,
  )
})

test('a wave in between begins the time of calm anew, and what shrinks is not answered harder', () => {
  const wave = climb(at(1, 0, 0), PLAYBOOK!, { ...FLOOD, confidence: 0 }, 59_000)
  const shrinking = climb(at(1), PLAYBOOK!, { ...SHRUNK, isOver: true }, 900_000)

  assert.equal(wave.ladder.calmSinceMs, undefined)
  assert.equal(shrinking.ladder.step, 1)
})

test('without deescalation it never goes back, and a playbook that became shorter ends at its last step', () => {
  const [steady] = playbooksFrom([{ ...LIMIT_DISCARD_DROP, deescalate: undefined }])
  const [short] = playbooksFrom([{ ...LIMIT_DISCARD_DROP, steps: LIMIT_DISCARD_DROP.steps.slice(0, 1) }])

  assert.equal(climb(at(2), steady!, SHRUNK, 9_000_000).ladder.step, 2)
  assert.equal(climb(at(2), short!, FLOOD, 9_000_000).ladder.step, 0)
})

test('whatever happens, it moves one step at most, stays on the ladder, and never up before its time', () => {
  const tick = fc.record({
    isOver: fc.boolean(),
    speed: fc.nat(50_000),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    ms: fc.integer({ min: -50_000, max: 100_000 }),
  })

  fc.assert(
    fc.property(fc.array(tick, { maxLength: 60 }), ticks => {
      let nowMs = 1_000_000
      let ladder = firstStep(PLAYBOOK!, nowMs)
      for (const { ms, ...progress } of ticks) {
        nowMs += ms
        const next = climb(ladder, PLAYBOOK!, { ...progress, peak: 50_000 }, nowMs).ladder
        const move = next.step - ladder.step
        assert.ok(Math.abs(move) <= 1 && next.step >= 0 && next.step < PLAYBOOK!.steps.length)
        if (move === 1) {
          const wanted = PLAYBOOK!.steps[next.step]!.escalateAfter!
          assert.ok(nowMs - ladder.sinceMs >= wanted.seconds * 1000)
          assert.ok(
            progress.isOver && progress.confidence >= wanted.minimumConfidence && progress.speed >= 25_000,
          )
        }
        if (move === -1) assert.ok(progress.speed < 25_000 && ladder.calmSinceMs !== undefined)
        assert.ok(next.sinceMs <= nowMs && (next.calmSinceMs ?? nowMs) <= nowMs)
        ladder = next
      }
    }),
    { numRuns: 500 },
  )
})
