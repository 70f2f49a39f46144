import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC } from '#3-traffic/metric.ts'
import type { BaselineMinute } from '#4-detection/baseline.ts'
import { HourSamples, MINUTE_WORDS, wordOf } from '#4-detection/baseline-hour.ts'
import { WeekSums } from '#4-detection/baseline-week.ts'
import type { HourKey, KeptHour } from '#store/change.ts'
import { LearningHistory } from './history.ts'

const HOUR_MS = 3_600_000
const NOW_HOUR = 490_000
const WORD = wordOf('host', 0, METRIC.packets)

/** A disk in memory, with what it was told in order. */
function disk() {
  const kept = new Map<string, KeptHour>()
  const dropped: HourKey[] = []
  const keyOf = ({ scope, hour }: HourKey) => `${hour} ${scope}`
  const store = {
    keepHour: (hour: KeptHour) => void kept.set(keyOf(hour), hour),
    dropHour: (key: HourKey) => {
      dropped.push(key)
      kept.delete(keyOf(key))
    },
  }
  return { kept, dropped, store, hours: () => [...kept.values()] }
}

/** A minute of each scope with so many packets per second; `undefined`: left out because of an attack. */
function minuteAt(hour: number, packets: Record<string, number | undefined>): BaselineMinute {
  const scopes = Object.keys(packets)
  const values = new Float64Array(scopes.length * MINUTE_WORDS)
  for (const [number, scope] of scopes.entries()) values[number * MINUTE_WORDS + WORD] = packets[scope] ?? 0
  const isExcluded = Uint8Array.from(scopes, scope => (packets[scope] === undefined ? 1 : 0))
  return { at: hour * HOUR_MS + 1000, scopes, values, isExcluded }
}

function sumsOf(history: LearningHistory, scope: string, hour = NOW_HOUR): WeekSums {
  const sums = new WeekSums(0.95)
  history.sumUp(scope, hour * HOUR_MS, 7, sums)
  return sums
}
const measured = (history: LearningHistory, scope: string, hour = NOW_HOUR) =>
  sumsOf(history, scope, hour).days.map(day => day.minutes)

test('minutes come to the hours and days in which they were, those of attacks as left out', () => {
  const { store } = disk()
  const history = new LearningHistory(store)
  history.add(minuteAt(NOW_HOUR - 24, { global: 100 }))
  for (const packets of [200, undefined, 300]) history.add(minuteAt(NOW_HOUR, { global: packets, caches: 5 }))

  const sums = sumsOf(history, 'global')

  assert.deepEqual(measured(history, 'global'), [0, 0, 0, 0, 0, 1, 2])
  assert.deepEqual(measured(history, 'caches'), [0, 0, 0, 0, 0, 0, 3])
  assert.deepEqual([sums.minutes, sums.excluded, sums.days.at(-1)?.excluded], [3, 1, 1])
  assert.deepEqual([sums.above(WORD, 1), sums.above(WORD, 150), sums.above(WORD, 250)], [3, 2, 1])
  assert.deepEqual([history.minutes, history.minutesExcluded], [6, 1])
})

test('what was kept is taken up, and what was measured before it came is added to it', () => {
  const { store, hours } = disk()
  const earlier = new LearningHistory(store)
  earlier.add(minuteAt(NOW_HOUR - 1, { global: 100 }))
  earlier.add(minuteAt(NOW_HOUR, { global: 100 }))
  earlier.flush()
  const late = disk()
  const history = new LearningHistory(late.store)
  history.add(minuteAt(NOW_HOUR, { global: 100 }))
  history.flush()

  history.restore(hours(), NOW_HOUR * HOUR_MS)
  history.flush()

  assert.equal(measured(history, 'global').at(-1), 3)
  assert.equal(HourSamples.decode(late.hours()[0]!.body)?.minutes, 2)
})

test('an hour that is no hour costs only itself', () => {
  const { store } = disk()
  const history = new LearningHistory(store)
  const broken = { scope: 'global', hour: NOW_HOUR, body: Uint8Array.from([1, 255, 255]) }
  history.restore([broken], NOW_HOUR * HOUR_MS)
  history.add(minuteAt(NOW_HOUR, { global: 100 }))

  assert.deepEqual(measured(history, 'global'), [0, 0, 0, 0, 0, 0, 1])
})

test('a week is held of each scope, and what goes goes from the disk too', () => {
  const { store, kept, dropped } = disk()
  const history = new LearningHistory(store)
  for (let hour = NOW_HOUR - 200; hour <= NOW_HOUR; hour++) history.add(minuteAt(hour, { global: 100 }))
  history.flush()

  assert.equal(history.size, 168)
  assert.equal(kept.size, 168)
  assert.deepEqual(dropped[0], { scope: 'global', hour: NOW_HOUR - 200 })
  assert.equal(
    measured(history, 'global').reduce((sum, minutes) => sum + minutes),
    168,
  )
})

test('hours of a clock that was wrong suggest nothing, and go first', () => {
  const { store } = disk()
  const history = new LearningHistory(store)
  history.add(minuteAt(NOW_HOUR + 100_000, { global: 9000 }))
  for (let hour = NOW_HOUR - 100; hour <= NOW_HOUR; hour++) history.add(minuteAt(hour, { global: 100 }))
  assert.equal(Math.round(sumsOf(history, 'global').highest(WORD)), 100)
  for (let hour = NOW_HOUR; hour <= NOW_HOUR + 67; hour++) history.add(minuteAt(hour, { global: 100 }))

  assert.equal(history.size, 168)
  assert.equal(measured(history, 'global', NOW_HOUR + 100_000).at(-1), 0)
})

test('scopes that are gone stay until their room is needed', () => {
  const { store } = disk()
  const history = new LearningHistory(store)
  const body = new HourSamples().encode()
  const weekOf = (scope: string, newest: number) =>
    Array.from({ length: 168 }, (_, ago) => ({ scope, hour: newest - ago, body }))
  const old = Array.from({ length: 64 }, (_, scope) => weekOf(`old-${scope}`, NOW_HOUR - 1)).flat()
  history.restore(old, NOW_HOUR * HOUR_MS)
  assert.equal(history.size, 168 * 64)

  history.restore(weekOf('new', NOW_HOUR), NOW_HOUR * HOUR_MS)

  assert.equal(history.size, 168 * 64)
  assert.equal(sumsOf(history, 'gone').minutes, 0)
})

test('a new file is told everything again', () => {
  const { store, kept } = disk()
  const history = new LearningHistory(store)
  for (let hour = NOW_HOUR - 3; hour <= NOW_HOUR; hour++) history.add(minuteAt(hour, { global: 100 }))
  history.flush()
  kept.clear()

  history.keepAll()

  assert.equal(kept.size, 4)
})
