import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { playbookSchema } from './playbook-config.ts'
import { compileWindow, isWithinWindow } from './window.ts'

function within(written: object, ...moments: string[]): boolean[] {
  const { windows } = playbookSchema.parse({
    ...{ name: 'p', steps: [{ name: 's', actions: [{ kind: 'script' }] }] },
    windows: [written],
  })
  const window = compileWindow(windows[0]!)
  return moments.map(moment => isWithinWindow(window, Date.parse(moment)))
}

test('a window begins with its first minute and ends before its last, by the clock of its zone', () => {
  const office = { days: ['thursday'], from: '08:00', to: '18:00', timeZone: 'Europe/Vienna' }

  // 2026-01-15 is a Thursday, and Vienna is one hour ahead.
  assert.deepEqual(
    within(office, '2026-01-15T06:59:59Z', '2026-01-15T07:00Z', '2026-01-15T16:59:59Z', '2026-01-15T17:00Z'),
    [false, true, true, false],
  )
  assert.deepEqual(within(office, '2026-01-16T10:00Z'), [false])
})

test('one that crosses midnight belongs to the day on which it began', () => {
  const night = { days: ['friday'], from: '22:00', to: '06:00' }

  assert.deepEqual(
    within(
      night,
      '2026-01-16T21:59Z',
      '2026-01-16T22:00Z',
      '2026-01-17T05:59Z',
      '2026-01-17T06:00Z',
      '2026-01-16T05:00Z',
    ),
    [false, true, true, false, false],
  )
})

test('from and to alike are a whole day, and nothing written is always', () => {
  const day = { days: ['friday'], from: '08:00', to: '08:00' }

  assert.deepEqual(
    within(day, '2026-01-16T07:59Z', '2026-01-16T08:00Z', '2026-01-17T07:59Z', '2026-01-17T08:00Z'),
    [...[false, true, true, false]],
  )
  assert.deepEqual(within({}, '2026-01-16T00:00Z', '2026-01-16T23:59:59Z'), [true, true])
})

test('summer time moves with the clock: a skipped hour is in no window, one that comes twice is in it twice', () => {
  const early = { from: '02:00', to: '03:00', timeZone: 'Europe/Vienna' }

  // 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00.
  assert.deepEqual(within(early, '2026-03-29T00:59Z', '2026-03-29T01:00Z'), [false, false])
  assert.deepEqual(
    within(
      early,
      '2026-10-25T00:00Z',
      '2026-10-25T00:59Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:59Z',
      '2026-10-25T02:00Z',
    ),
    [true, true, true, true, false],
  )
})

test('at every moment exactly one of a window and the time beside it holds', () => {
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map(parts => parts.map(part => String(part).padStart(2, '0')).join(':'))

  fc.assert(
    fc.property(time, time, fc.integer({ min: 0, max: 4e12 }), (from, to, ms) => {
      fc.pre(from !== to)
      const timeZone = 'America/New_York'
      const moment = new Date(ms).toISOString()
      assert.notEqual(
        within({ from, to, timeZone }, moment)[0],
        within({ from: to, to: from, timeZone }, moment)[0],
      )
    }),
  )
})
