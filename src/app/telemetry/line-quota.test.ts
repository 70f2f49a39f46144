import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineQuota } from './line-quota.ts'

test('a hundred lines a minute are written, the others are counted and told with the next one', () => {
  let now = 0
  const skipped: number[] = []
  const quota = new LineQuota(
    count => skipped.push(count),
    () => now,
  )
  const write = (lines: number) =>
    Array.from({ length: lines }, () => quota.mayWrite()).filter(Boolean).length

  const [first, second] = [write(350), write(10)]
  now = 60_000
  const third = write(5)
  now = 130_000
  const fourth = write(1)

  assert.deepEqual([first, second, third, fourth], [100, 0, 5, 1])
  assert.deepEqual(skipped, [260])
})
