import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Announcement, routeAnnouncement } from '#7-mitigation/announcement.ts'
import { differencesOf, ORPHANS_MAX, type Told } from './differences.ts'
import type { HeldPath } from './listed.ts'

const MARK = '65001:9:1'
const route = (prefix: string, communities = ['65001:666']): Announcement =>
  routeAnnouncement({ prefix, nextHop: '192.0.2.66', communities })
const [A, B, C] = [route('192.0.2.1/32'), route('192.0.2.2/32'), route('192.0.2.3/32')] as const

const byKey = (announcements: readonly Announcement[]) =>
  new Map(announcements.map(announcement => [announcement.key, announcement]))

const held = (announcements: readonly Announcement[], isOurs = true): Map<string, HeldPath> =>
  new Map(
    announcements.map(announcement => {
      const { key, says } = announcement
      return [key, { item: { key, says, isOurs }, announcement }]
    }),
  )

function told(before: readonly Announcement[], changes: Partial<Told> = {}): Told {
  const known = byKey(before)
  return {
    before: known,
    now: known,
    isForgotten: key => !known.has(key),
    isMoving: () => false,
    ...changes,
  }
}

test('what is missing, says something else or has lost our mark is wrong; what is too much and ours is an orphan', () => {
  const drifted = route('192.0.2.2/32', ['65001:777'])

  assert.deepEqual(differencesOf(told([A, B]), held([A, drifted, C]), MARK), { wrong: [B.key], orphans: [C] })
  assert.deepEqual(differencesOf(told([A, B]), held([A]), MARK), { wrong: [B.key], orphans: [] })
  assert.deepEqual(differencesOf(told([A]), held([A, C], false), MARK), { wrong: [A.key], orphans: [] })
  assert.deepEqual(differencesOf(told([A]), held([A, C], false), undefined), { wrong: [], orphans: [] })
})

test('what changed while gobgpd was asked is left alone, and so is what is being told', () => {
  const again = route(A.key, ['65001:777'])

  const changed = told([A], { now: byKey([again]) })
  const withdrawn = told([A], { now: new Map(), isForgotten: () => true })
  const moving = told([A], { isMoving: () => true })

  assert.deepEqual(differencesOf(changed, held([]), MARK), { wrong: [], orphans: [] })
  assert.deepEqual(differencesOf(withdrawn, held([A]), MARK), { wrong: [], orphans: [] })
  assert.deepEqual(differencesOf(moving, held([]), MARK), { wrong: [], orphans: [] })
})

test('nothing is an orphan while somebody may want it, nor what could not be withdrawn', () => {
  const unknown = told([], { isForgotten: () => false })
  const unreadable = new Map<string, HeldPath>([
    ['x', { item: { key: 'x', says: '', isOurs: true }, announcement: undefined }],
  ])

  assert.deepEqual(differencesOf(unknown, held([A]), MARK).orphans, [])
  assert.deepEqual(differencesOf(told([]), unreadable, MARK).orphans, [])
})

test('a route that names our mark among its communities is right although a listing leaves it out', () => {
  const named = route(A.key, ['65001:666', MARK])

  assert.deepEqual(differencesOf(told([named]), held([A]), MARK).wrong, [])
})

test('orphans are taken in parts', () => {
  const many = Array.from({ length: ORPHANS_MAX + 1 }, (_, at) => route(`10.${at >> 8}.${at & 255}.0/24`))

  assert.equal(differencesOf(told([]), held(many), MARK).orphans.length, ORPHANS_MAX)
})
