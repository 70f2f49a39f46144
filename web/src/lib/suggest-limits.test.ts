import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentile, suggestLimits } from './suggest-limits.ts'

test('a limit leaves room above what is usual, and a lone peak does not count', () => {
  const usual = Array.from({ length: 99 }, (_, at) => ({ packets: 4000 + at, bits: 1e8, flows: 10 }))

  const suggested = suggestLimits([...usual, { packets: 1e6, bits: 1e10, flows: 1e6 }])

  assert.deepEqual(suggested, { packetsPerSecond: 13_000, megabitsPerSecond: 300, flowsPerSecond: 2000 })
})

test('of little traffic no limit becomes so low that one download crosses it', () => {
  assert.deepEqual(suggestLimits([{ packets: 0, bits: 0, flows: 0 }]), {
    ...{ packetsPerSecond: 5000, megabitsPerSecond: 100, flowsPerSecond: 2000 },
  })
  assert.equal(suggestLimits([]), undefined)
})

test('a percentile is a value that was measured', () => {
  assert.deepEqual(
    [percentile([5, 1, 3], 0.95), percentile([1, 2, 3, 4], 0.5), percentile([], 0.95)],
    [5, 2, 0],
  )
})
