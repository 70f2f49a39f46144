import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { KnownReports } from './known-reports.ts'

const report = (externalId: string): ForeignEvent => ({
  ...{ source: 'a', externalId, at: 0, action: 'ban', host: '192.0.2.1' },
  ...{ direction: 'incoming', vector: 'udp_flood', ports: [] },
})

test('at its bound the oldest name is forgotten, also of an attack that goes on', () => {
  const known = new KnownReports(2)
  for (const name of ['1', '2', '3']) known.add(report(name), { eventId: name, attackId: 'x' })

  assert.equal(known.answered('a', '1'), undefined)
  assert.deepEqual(known.answered('a', '3'), { eventId: '3', attackId: 'x' })
  assert.equal(known.nameCount, 2)
})

test('a name that another attack answers is no longer of the first, and goes when that one ends', () => {
  const known = new KnownReports()
  known.add(report('1'), { eventId: 'e1', attackId: 'x' })
  known.add(report('1'), { eventId: 'e2', attackId: 'y' })

  known.ended('x')
  assert.deepEqual(known.answered('a', '1'), { eventId: 'e2', attackId: 'y' })
  known.ended('y')

  assert.equal(known.answered('a', '1'), undefined)
  assert.equal(known.nameCount, 0)
})

test('an attack that is reported for ever holds no more names than are remembered', () => {
  const known = new KnownReports(10)
  for (let at = 0; at < 1000; at++) known.add(report(String(at)), { eventId: String(at), attackId: 'x' })
  known.add(report('other'), { eventId: 'other', attackId: 'y' })

  known.ended('x')

  assert.equal(known.nameCount, 1)
  assert.equal(known.answered('a', '999'), undefined)
  assert.deepEqual(known.answered('a', 'other'), { eventId: 'other', attackId: 'y' })
})

test('a name that is told again and again is one name', () => {
  const known = new KnownReports(10)
  known.add(report('1'), { eventId: '1', attackId: 'x' })
  for (let at = 0; at < 1000; at++) known.add(report('2'), { eventId: String(at), attackId: 'x' })

  assert.equal(known.nameCount, 2)
  assert.deepEqual(known.answered('a', '2'), { eventId: '999', attackId: 'x' })
  known.ended('x')
  assert.equal(known.nameCount, 0)
})
