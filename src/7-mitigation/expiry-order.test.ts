import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ExpiryOrder } from './expiry-order.ts'

test('what is due comes earliest first and once; what was moved comes at its new moment', () => {
  const order = new ExpiryOrder()
  order.set('late', 30)
  order.set('early', 10)
  order.set('moved', 5)
  order.set('moved', 40)
  order.set('gone', 1)
  order.delete('gone')

  assert.deepEqual(order.take(9), [])
  assert.deepEqual(order.take(30), ['early', 'late'])
  assert.deepEqual(order.take(40), ['moved'])
  assert.deepEqual(order.take(1e9), [])
})

test('it says the same as a list that is sorted each time', () => {
  const deed = fc.record({
    what: fc.constantFrom('set', 'delete', 'take'),
    id: fc.nat(30).map(String),
    at: fc.nat(100),
  })
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 300 }), deeds => {
      const order = new ExpiryOrder()
      const model = new Map<string, number>()
      for (const { what, id, at } of deeds) {
        if (what === 'set') {
          order.set(id, at)
          model.set(id, at)
        } else if (what === 'delete') {
          order.delete(id)
          model.delete(id)
        } else {
          const due = [...model].filter(([, moment]) => moment <= at)
          const taken = order.take(at)
          assert.deepEqual(new Set(taken), new Set(due.map(([name]) => name)))
          const moments = taken.map(name => model.get(name)!)
          assert.deepEqual(
            moments,
            moments.toSorted((a, b) => a - b),
          )
          for (const [name] of due) model.delete(name)
        }
      }
    }),
  )
})

test('a moment that is moved again and again does not make it grow', () => {
  const order = new ExpiryOrder()
  for (let at = 0; at < 100_000; at++) order.set('renewed', at)

  assert.deepEqual(order.take(1e9), ['renewed'])
})
