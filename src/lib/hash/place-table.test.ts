import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PlaceTable } from './place-table.ts'

const MOST = 16
/** Few, many of which want the same place, also around the end of the table. */
const key = fc.constantFrom(0, 1, 2, 30, 31, 32, 33, 62, 63, 64, 95, 2 ** 31, 2 ** 32 - 1, -1, -33)
const step = fc.record({ kind: fc.constantFrom('put' as const, 'remove' as const), key })

test('keys that come and go have the places that a map would give them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const [table, map] = [new PlaceTable(MOST), new Map<number, number>()]

      for (const [place, { kind, key }] of steps.entries()) {
        if (kind === 'remove') {
          table.remove(key)
          map.delete(key | 0)
        } else if (!map.has(key | 0) && map.size < MOST) {
          table.put(key, place)
          map.set(key | 0, place)
        }

        assert.equal(table.size, map.size)
        for (const held of map.keys()) assert.equal(table.find(held), map.get(held))
        assert.equal(table.find(key), map.get(key | 0) ?? -1)
      }
    }),
    { numRuns: 300 },
  )
})

test('a table takes as many keys as it was made for, and not one more', () => {
  const table = new PlaceTable(3)
  for (const key of [5, 6, 7]) table.put(key, key * 10)

  assert.deepEqual(
    [5, 6, 7, 8].map(key => table.find(key)),
    [50, 60, 70, -1],
  )
  assert.throws(() => table.put(8, 80))
  assert.throws(() => table.put(7, 70))
})
