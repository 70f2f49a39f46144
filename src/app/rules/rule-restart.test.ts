import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { openRooms } from '../resources/rooms-for-tests.ts'
import { STOPPED } from '../state/restore-plan.ts'
import type { RuleWish } from './rule-room.ts'

const wish = (sourcePort: number, changes: Partial<RuleWish> = {}): RuleWish => ({
  ...{ kind: 'filter', target: '203.0.113.5', action: 'discard', reason: 'x', via: 'api', ttlSeconds: 600 },
  flow: `destination 203.0.113.5/32 protocol =udp source-port =${sourcePort}`,
  ...changes,
})

test('rules outlive a restart: live ones go on, scheduled ones begin, and those whose time was up are over', async t => {
  const directory = temporaryFolder(t)
  const before = await openRooms(t, { directory })
  const { now } = before
  const make = async (each: RuleWish) => {
    const made = await before.rules.create(each, 'user:ann')
    assert.ok(made.kind === 'done')
    return made.record.id
  }
  const live = await make(wish(123))
  const watched = await make(wish(19, { action: 'monitor' }))
  const short = await make(wish(17, { ttlSeconds: 20 }))
  const later = await make(wish(53, { startsAt: now() + 60_000 }))
  const gone = await make(wish(161))
  await before.rules.withdraw(gone, 'over', 'user:ann')
  await before.close()

  const clock = { now: now() + 90_000 }
  const after = await openRooms(t, { directory, clock })
  const look = async () => {
    after.rules.tick()
    await after.pass(1)
    after.rules.tick()
  }
  for (let seconds = 0; seconds < 8; seconds++) await look()

  const states = [live, watched, short, later, gone].map(id => {
    const record = after.rules.get(id)
    assert.ok(record !== undefined, id)
    return after.rules.stateOf(record)
  })
  assert.deepEqual(states, ['monitored', 'monitored', 'expired', 'monitored', 'withdrawn'])
  assert.equal(after.store.active().length, 3)
  const again = await after.rules.create(wish(123), 'user:bob')
  assert.ok(again.kind === 'refused' && again.code === 'duplicate-rule')
  const record = after.rules.get(live)
  assert.ok(record !== undefined)
  assert.equal(record.endsAt, before.rules.get(live)?.endsAt, 'a restart makes no rule longer')
})

test('what a stop took back is made again by the next run; what somebody took back is not', async t => {
  const directory = temporaryFolder(t)
  const before = await openRooms(t, { directory })
  const ids: string[] = []
  for (const port of [123, 53]) {
    const made = await before.rules.create(wish(port), 'user:ann')
    assert.ok(made.kind === 'done')
    ids.push(made.record.id)
  }
  const attackOf = (id = '') => before.rules.get(id)?.attackId ?? ''
  before.intake.events.end(attackOf(ids[0]), 'uid:0', 'operator', 'false alarm')
  before.rules.tick()
  before.intake.events.end(attackOf(ids[1]), 'floodwarden', 'operator', STOPPED)
  await before.close()

  const after = await openRooms(t, { directory, clock: { now: before.now() + 1000 } })
  for (let seconds = 0; seconds < 8; seconds++) {
    after.rules.tick()
    await after.pass(1)
  }

  const states = ids.map(id => after.rules.get(id)).map(record => record && after.rules.stateOf(record))
  assert.deepEqual(states, ['withdrawn', 'monitored'])
})
