import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Burst, BurstNotes, burstText } from './burst-notes.ts'

const NOTES_MAX = 1000

const burst = (endedAt: number, host = '10.0.0.1'): Burst => ({
  ...{ host, limit: 'packets', direction: 'incoming', hostgroup: 'global' },
  ...{ value: 61_200.4, threshold: 20_000, overSeconds: 1.2, excessSeconds: 0.82, budgetSeconds: 12.1 },
  suspicion: undefined,
  endedAt,
})

test('the oldest notes are forgotten first, and all are counted', () => {
  const notes = new BurstNotes()
  for (let at = 1; at <= NOTES_MAX + 5; at++) notes.add(burst(at))

  const all = notes.all().map(({ endedAt }) => endedAt)

  assert.equal(notes.count, NOTES_MAX + 5)
  assert.deepEqual([all.length, all[0], all.at(-1)], [NOTES_MAX, 6, NOTES_MAX + 5])
})

test('notes of a host are told newest first, and no more than asked for', () => {
  const notes = new BurstNotes()
  for (const at of [1, 2, 3]) notes.add(burst(at))
  notes.add(burst(4, '10.0.0.2'))

  assert.deepEqual(
    notes.of('10.0.0.1', 2).map(({ endedAt }) => endedAt),
    [3, 2],
  )
  assert.deepEqual(notes.of('10.0.0.3', 2), [])
})

test('a note says what happened, and what spoke for patience, the strongest first', () => {
  const feature = (name: string, weight: number) => ({ name, value: 1, weight, reason: `reason of ${name}` })
  const features = [feature('a', -0.1), feature('b', 0.15), feature('c', -0.6), feature('d', -0.05)]
  const suspicion = { weight: 0.07, packets: 300, features }

  assert.equal(
    burstText({ ...burst(1), suspicion }),
    'incoming packets at 61,200 over 20,000 for 1.2 s: burst, tolerated, because 0.82 of a budget of 12.10 limit-seconds was used up, with a suspicion of 7 %: reason of c, and reason of a',
  )
  assert.match(burstText(burst(1)), /was used up, and nothing was known of its packets$/)
})
