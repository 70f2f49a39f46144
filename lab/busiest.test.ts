import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Busiest } from './busiest.ts'

const busiestOf = (...sent: readonly (readonly [packets: number, elapsed: number])[]): number => {
  const busiest = new Busiest()
  for (const [packets, elapsed] of sent) busiest.add(packets, elapsed)
  return busiest.packetsPerSecond
}

test('a steady rate is told with at most a tenth more', () => {
  const steady = Array.from({ length: 3000 }, (_, at) => [30, at] as const)

  const told = busiestOf(...steady)

  assert.ok(told >= 30_000 && told <= 33_000, String(told))
})

test('what was made good after a pause is the busiest', () => {
  const before = Array.from({ length: 100 }, (_, at) => [30, at] as const)
  const after = Array.from({ length: 100 }, (_, at) => [30, 201 + at] as const)

  const told = busiestOf(...before, [3000, 200], ...after)

  assert.ok(told >= 57_000 && told <= 63_000, String(told))
})

test('what lies more than a window back is forgotten', () => {
  assert.equal(busiestOf([500, 0], [500, 200], [400, 10_000]), 5000)
})

test('nothing sent is nothing', () => {
  assert.equal(busiestOf(), 0)
})
