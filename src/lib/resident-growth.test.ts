import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResidentGrowth } from './resident-growth.ts'

test('memory is given back when so much more is resident than at the least, and not for less', () => {
  const growth = new ResidentGrowth(8)
  const looks = [150, 157, 144, 151, 152, 153].map(bytes => growth.isWorth(bytes))

  assert.deepEqual(looks, [false, false, false, false, true, false])
})

test('what was needed again after it was given back is no growth', () => {
  const growth = new ResidentGrowth(8)
  const given = [150, 160, 149, 156, 157].map(bytes => growth.isWorth(bytes))

  assert.deepEqual(given, [false, true, false, false, true])
})

test('memory that cannot be given back is tried once', () => {
  const growth = new ResidentGrowth(8)
  const given = [150, 200, 200, 200, 201].map(bytes => growth.isWorth(bytes))

  assert.deepEqual(given, [false, true, false, false, false])
})
