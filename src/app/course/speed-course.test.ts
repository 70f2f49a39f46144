import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { POINTS_MAX, SpeedCourse } from './speed-course.ts'

const BEGAN = 1_800_000_000
const numbers = (value: number) => Float32Array.from([value, value * 8, 1, Number.NaN])

test('each second is a point, and what nobody measured is told so', () => {
  const course = new SpeedCourse(BEGAN)
  course.add(BEGAN, numbers(100), 0)
  course.add(BEGAN + 2, numbers(300), 0)
  course.add(BEGAN - 5, numbers(9), 0)

  assert.deepEqual(course.kept(), {
    ...{ from: BEGAN * 1000, stepSeconds: 1 },
    average: [
      [100, null, 300],
      [800, null, 2400],
      [1, null, 1],
      [null, null, null],
    ],
    highest: [
      [100, null, 300],
      [800, null, 2400],
      [1, null, 1],
      [null, null, null],
    ],
  })
  assert.equal(new SpeedCourse(BEGAN).kept(), undefined)
})

test('however long it is, it has no more points than there is room for, with means and peaks as they were', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 4999 }), (seconds, peakAt) => {
      const course = new SpeedCourse(BEGAN)
      for (let at = 0; at < seconds; at++) course.add(BEGAN + at, numbers(at === peakAt ? 9000 : 1000), 0)
      const { average, highest, stepSeconds } = course.kept()!

      const [means, peaks] = [average[0]!, highest[0]!]
      assert.ok(means.length <= POINTS_MAX)
      assert.equal(means.length, Math.ceil(seconds / stepSeconds))
      assert.equal(Math.max(...peaks.map(Number)), peakAt < seconds ? 9000 : 1000)
      assert.ok(means.every(mean => mean !== null && mean >= 1000 && mean <= 9000))
    }),
    { numRuns: 30 },
  )
})

test('a gap of hours leaves points of which nothing is known', () => {
  const course = new SpeedCourse(BEGAN)
  course.add(BEGAN, numbers(5), 0)
  course.add(BEGAN + 86_400, numbers(7), 0)
  const { average, stepSeconds } = course.kept()!

  assert.equal(stepSeconds, 512)
  assert.deepEqual([average[0]!.at(0), average[0]!.at(1), average[0]!.at(-1)], [5, null, 7])
})
