import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { openRooms } from '../resources/rooms-for-tests.ts'
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
