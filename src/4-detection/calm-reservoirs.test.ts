import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CalmRecord } from './calm-packet.ts'
import { CalmReservoirs } from './calm-reservoirs.ts'

const PLACES = 8
const SAMPLES = 256

const recordOf = (key: number, head: number): CalmRecord =>
  Object.assign(new CalmRecord(), { key, family: 4, a: key * 3, head })

test('each place has its own samples, in all layers', () => {
  const reservoirs = new CalmReservoirs(PLACES, SAMPLES)
  for (let place = 0; place < PLACES; place++) {
    reservoirs.begin(place, recordOf(place, 0))
    for (let sample = 0; sample < SAMPLES; sample++)
      reservoirs.keep(place, sample, recordOf(place, place * SAMPLES + sample), 1)
  }

  const heads = Array.from({ length: PLACES * SAMPLES }, (_, all) => {
    const { words, at } = reservoirs.sample(Math.floor(all / SAMPLES), all % SAMPLES)
    return words[at]
  })
  assert.deepEqual(
    heads,
    heads.map((_, all) => all),
  )
  assert.deepEqual(reservoirs.hostOf(5), { key: 5, family: 4, a: 15, b: 0, c: 0, d: 0 })
})

test('a place is worn down one by one, and knows nothing of its host when another has it', () => {
  const reservoirs = new CalmReservoirs(PLACES, 4)
  reservoirs.begin(3, recordOf(0xffff_ffff, 0))
  const seen = [1, 2, 3, 4, 5, 6].map(() => reservoirs.saw(3, 5))
  for (let times = 0; times < 3; times++) reservoirs.strengthen(3, 2)

  assert.deepEqual(seen, [1, 2, 3, 4, 5, 5])
  assert.equal(reservoirs.usedOf(3), 4)
  assert.deepEqual(
    [1, 2, 3].map(() => reservoirs.wearDown(3)),
    [false, false, true],
  )
  assert.equal(reservoirs.keyOf(3), -1)
  reservoirs.begin(3, recordOf(7, 0))
  assert.equal(reservoirs.usedOf(3), 0)
  assert.equal(reservoirs.keyOf(3), 7)
})
