import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResidentGrowth } from './resident-growth.ts'

/** In which looks, from 0, memory is given back when that is done at once. */
function given(...looks: readonly number[]): number[] {
  const growth = new ResidentGrowth(8)
  return looks.flatMap((bytes, look) => {
    growth.look(bytes)
    if (!growth.isWorth) return []
    growth.givenBack()
    return [look]
  })
}

test('memory is given back when so much more is resident than at the least, and not for less', () => {
  assert.deepEqual(given(150, 150, 157, 157, 157, 157), [])
  assert.deepEqual(given(150, 150, 144, 152, 152, 152, 152), [6])
})

test('it is not while more is being taken', () => {
  assert.deepEqual(given(150, 150, 160, 170, 180, 190, 191, 192, 192), [8])
})

test('what was needed again after it was given back is no growth', () => {
  assert.deepEqual(given(150, 150, 160, 160, 160, 160, 139, 149, 156, 156, 156, 156), [5])
})

test('memory that cannot be given back is tried once', () => {
  assert.deepEqual(given(150, 150, 200, 200, 200, 200, 200, 200, 201, 201), [5])
})

test('what comes while nobody may give memory back counts as growth later', () => {
  const growth = new ResidentGrowth(8)
  for (const bytes of [150, 150, 170, 170, 170, 170, 170]) growth.look(bytes)

  assert.equal(growth.isWorth, true)
})
