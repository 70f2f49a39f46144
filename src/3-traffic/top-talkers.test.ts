import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TopList } from './top-talkers.ts'

test('the biggest come first, equal ones by number, as if all had been sorted', () => {
  fc.assert(
    fc.property(fc.nat(12), fc.uniqueArray(fc.nat(40), { maxLength: 60 }), (size, values) => {
      const list = new TopList(size)

      for (const value of values) list.offer(value * 10, value)

      assert.deepEqual(
        list.sorted(),
        values
          .toSorted((a, b) => b - a)
          .slice(0, size)
          .map(value => value * 10),
      )
    }),
  )
})

test('of equal values the first come stay', () => {
  const list = new TopList(2)

  for (const item of [5, 3, 4]) list.offer(item, 1)

  assert.deepEqual(list.sorted(), [3, 5])
})

test('whatever is offered, the values kept are the highest', () => {
  fc.assert(
    fc.property(fc.nat(6), fc.array(fc.nat(5), { maxLength: 40 }), (size, values) => {
      const list = new TopList(size)

      for (const [item, value] of values.entries()) list.offer(item, value)

      assert.deepEqual(
        list.sorted().map(item => values[item]),
        values.toSorted((a, b) => b - a).slice(0, size),
      )
    }),
  )
})
