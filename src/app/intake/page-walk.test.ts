import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutPage, isBehind, newestFirst, type Place, placeText, readPlace, walk } from './page-walk.ts'

/** Rows 1000, 999, … 1, of which every `nth` is looked for. */
const wayOf = (nth: number, most: number, after: number | undefined) => {
  const asked: (number | undefined)[] = []
  return {
    asked,
    ask: async (before: number | undefined) => {
      asked.push(before)
      const first = (before ?? 1001) - 1
      return Array.from({ length: Math.min(10, first) }, (_, at) => first - at)
    },
    ...{ rowsMax: 10, roundsMax: 5, most, after },
    placeOf: (row: number) => row,
    pick: (row: number) => (row % nth === 0 ? row : undefined),
  }
}

test('a walk ends when enough is found, when there is no more, and after so many rounds, and says where', async () => {
  const enough = await walk(wayOf(1, 12, undefined))
  const all = await walk(wayOf(1, 100, 16))
  const tooFew = await walk(wayOf(100, 3, undefined))

  assert.deepEqual([enough.found.length, enough.found[0], enough.unseen], [20, 1000, undefined])
  assert.deepEqual([all.found.length, all.unseen], [15, undefined])
  assert.deepEqual(tooFew, { found: [1000], unseen: 951 })
})

test('pages of a walk that found little go on where it stopped, and none is told twice or missed', async () => {
  const seen: number[] = []
  let after: number | undefined
  let pages = 0
  do {
    const { items, next } = cutPage(await walk(wayOf(70, 3, after)), row => row, { limit: 2 })
    seen.push(...items)
    after = next
    pages++
  } while (after !== undefined && pages < 100)

  assert.deepEqual(seen, [980, 910, 840, 770, 700, 630, 560, 490, 420, 350, 280, 210, 140, 70])
})

test('places are ordered as their cursors say, and other texts are none', () => {
  const places: Place[] = [
    { at: 5, id: 'b' },
    { at: 5, id: 'a' },
    { at: 4, id: 'z-1.0' },
  ]

  assert.deepEqual(places.toReversed().sort(newestFirst), places)
  for (const place of places) assert.deepEqual(readPlace(placeText(place)), place)
  assert.deepEqual(
    places.map(place => isBehind(place, places[1])),
    [false, false, true],
  )
  assert.ok(places.every(place => isBehind(place, undefined)))
  for (const text of [undefined, '', '5', '5.', '.a', '5.A', `${'9'.repeat(17)}.a`, '5.a/b'])
    assert.equal(readPlace(text), undefined)
})
