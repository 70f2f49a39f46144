import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SteadyMap } from './steady-map.ts'

const key = fc.oneof(
  fc.integer({ min: 0, max: 2000 }).map(number => `k-${number}`),
  fc.string({ maxLength: 3 }),
)
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
)
const inOrder = <V>(entries: Iterable<[string, V]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1))

test('it holds what a map holds, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1500 }), fc.array(step, { maxLength: 300 }), (filled, steps) => {
      const map = new Map<string, number>()
      const steady = new SteadyMap<number>()
      for (let at = 0; at < filled; at++) {
        map.set(`k-${at}`, at)
        steady.set(`k-${at}`, at)
      }

      for (const one of steps) {
        if (one.kind === 'delete') assert.equal(steady.delete(one.key), map.delete(one.key))
        else {
          map.set(one.key, one.value)
          steady.set(one.key, one.value)
        }
        assert.equal(steady.get(one.key), map.get(one.key))
        assert.equal(steady.has(one.key), map.has(one.key))
        assert.equal(steady.size, map.size)
      }

      assert.deepEqual(inOrder(steady), inOrder(map))
      assert.deepEqual([...steady.keys()].sort(), [...map.keys()].sort())
      assert.deepEqual(
        [...steady.values()].sort((a, b) => a - b),
        [...map.values()].sort((a, b) => a - b),
      )
    }),
    { numRuns: 60 },
  )
})

test('of a small one the oldest is the first of all, of a large one the first of its table', () => {
  const steady = new SteadyMap<number>()
  for (let at = 0; at < 500; at++) steady.set(`10.0.${at >> 8}.${at & 255}`, at)

  const ofSmall = steady.oldestBeside('10.0.1.7')
  for (let at = 500; at < 20_000; at++) steady.set(`10.0.${at >> 8}.${at & 255}`, at)
  const ofLarge = steady.get(steady.oldestBeside('10.0.77.7') ?? '')

  assert.equal(ofSmall, '10.0.0.0')
  // Tables are alike: in each stands one of the first few hundred.
  assert.ok(ofLarge !== undefined && ofLarge < 1000, `${ofLarge}`)
})

test('keys that differ in a few letters at their end are spread over all tables', () => {
  const makers: readonly ((at: number) => string)[] = [
    at => `mi8x1abc-9${String(at).padStart(9, '0')}`,
    at => `mi8x1abc-9${String(at).padStart(9, '0')}.0`,
    at => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    at => `source\0name-${at}`,
  ]

  for (const make of makers) {
    const steady = new SteadyMap<number>()
    for (let at = 0; at < 64_000; at++) steady.set(make(at), at)
    const firsts = new Set<string | undefined>()
    for (let at = 0; at < 64_000; at += 7) firsts.add(steady.oldestBeside(make(at)))
    assert.ok(firsts.size >= 60, `${make(1)}: ${firsts.size} tables`)
  }
})

test('what is cleared is empty, and takes entries again', () => {
  const steady = new SteadyMap<number>()
  for (let at = 0; at < 2000; at++) steady.set(`${at}`, at)

  steady.clear()
  steady.set('a', 1)

  assert.deepEqual([...steady], [['a', 1]])
})
