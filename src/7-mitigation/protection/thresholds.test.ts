import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CALM, measured, type Threshold, type ThresholdState } from './thresholds.ts'

const THRESHOLD: Threshold = { metric: 'packets', on: 1000, off: 400, history: 5, severity: 3 }

function states(values: readonly number[], threshold = THRESHOLD): boolean[] {
  let state: ThresholdState = CALM
  return values.map(value => {
    state = measured(state, value, threshold)
    return state.isOver
  })
}

test('it goes on when three of the last five are over, and not before', () => {
  assert.deepEqual(states([2000, 0, 2000, 0, 2000]), [false, false, false, false, true])
  assert.deepEqual(states([2000, 2000, 0, 0, 0, 2000]), Array(6).fill(false))
})

test('between the two numbers it stays as it is', () => {
  const flapping = [1100, 1100, 1100, 900, 500, 1100, 401, 999, 600]

  assert.deepEqual(states(flapping).slice(2), Array(7).fill(true))
  assert.deepEqual(states([999, 999, 999, 1000, 1000, 1000]), Array(6).fill(false))
})

test('it goes off when three of the last five are below the lower one', () => {
  assert.deepEqual(states([1100, 1100, 1100, 0, 0, 1100, 0]), [false, false, true, true, true, true, false])
})

test('whatever comes, it changes only with enough measurements that say so, and remembers no more than it looks at', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      (values, history, severity) => {
        const threshold = { ...THRESHOLD, history, severity: Math.min(severity, history) }
        let state = CALM
        for (const [at, value] of values.entries()) {
          const before = state.isOver
          state = measured(state, value, threshold)
          const last = values.slice(Math.max(0, at + 1 - history), at + 1)
          const saying = last.filter(one => (before ? one < threshold.off : one > threshold.on)).length
          assert.equal(state.isOver !== before, saying >= threshold.severity)
          assert.deepEqual(state.samples, last)
        }
      },
    ),
  )
})
