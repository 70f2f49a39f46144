import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Predicate } from './predicate.ts'
import { readable, withinRoom } from './readable.ts'

const only = (value: number) => ({ from: value, to: value })
const range = (from: number) => ({ from, to: from + 5 })
const lengths = (...ranges: readonly { from: number; to: number }[]): Predicate => ({
  kind: 'number',
  field: 'packet-length',
  ranges,
})
const PORTS: Predicate = {
  kind: 'number',
  field: 'destination-port',
  ranges: [1, 3, 5, 7, 9, 11].map(only),
}

test('what every router reads stays one conjunction', () => {
  const predicates = [lengths(only(40), range(60), range(90))]

  assert.deepEqual(readable(predicates), [predicates])
  assert.deepEqual(readable([]), [[]])
})

test('a sixth test begins another rule, and two such components make four', () => {
  const three = lengths(range(10), range(20), range(30))

  assert.deepEqual(readable([three]), [[lengths(range(10), range(20))], [lengths(range(30))]])
  assert.equal(readable([three, PORTS]).length, 4)
  assert.deepEqual(readable([PORTS])[1], [{ ...PORTS, ranges: [only(11)] }])
})

test('each match has its first rule, and further ones while there is room', () => {
  const lists = [['a', 'b', 'c'], ['d'], ['e', 'f']]

  assert.deepEqual(withinRoom(lists, 3), ['a', 'd', 'e'])
  assert.deepEqual(withinRoom(lists, 4), ['a', 'b', 'd', 'e'])
  assert.deepEqual(withinRoom(lists, 9), ['a', 'b', 'c', 'd', 'e', 'f'])
  assert.deepEqual(withinRoom([], 3), [])
})
