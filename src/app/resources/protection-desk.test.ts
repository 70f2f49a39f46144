import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { NATIVE_RULES } from '#api/contract/access-table.ts'
import { PROTECTION_ROUTES } from '#api/contract/protection-routes.ts'
import type { Route } from '#api/contract/route.ts'
import { INVENTORY } from '../intake/intake-for-tests.ts'
import { RoomDesk } from '../protection/protection-desk.ts'
import { BRIEFING, FakeBackEnd, mitigationOf, roomOf } from '../protection/room-for-tests.ts'
import { ProtectionDesk } from './protection-desk.ts'
import { Reach } from './reach.ts'
import { OF_C1, OF_C2, setUp } from './resources-for-tests.ts'

const ACL = { acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] } }
/** `web` is all of customer c1, `both` of him and of nobody, `general` of everybody. */
const WRITTEN = {
  networks: ['203.0.113.0/24', '198.51.100.0/24'],
  protection: {
    profiles: {
      web: {
        prefixes: ['203.0.113.0/25'],
        countermeasures: { ...ACL, 'temporary-blacklist': { ttlSeconds: 60 } },
      },
      both: { prefixes: ['203.0.113.0/24', '198.51.100.0/24'], countermeasures: ACL },
      general: { prefixes: ['203.0.113.0/24'], isDefault: true, countermeasures: ACL },
    },
  },
}
const LISTED = { countermeasure: 'temporary-blacklist', remainingSeconds: 30.2 } as const

async function begun(t: TestContext) {
  const backEnd = new FakeBackEnd()
  backEnd.listed = [
    { ...LISTED, profile: 'web', source: '192.0.2.7' },
    { ...LISTED, profile: 'web', source: '192.0.2.8', remainingSeconds: 50 },
    { ...LISTED, profile: 'both', source: '192.0.2.9' },
  ]
  const counters = { inputPackets: 10, droppedPackets: 4, droppedBytes: 400 }
  backEnd.counted = ['web', 'both'].map(profile => ({ profile, countermeasure: 'acl', counters }))
  const { room, store, clock } = roomOf(WRITTEN, backEnd)
  room.adopt(undefined)
  room.arm(true)
  room.begin()
  const built = buildInventory(inventorySchema.parse(INVENTORY))
  assert.ok(built.kind === 'ok')
  const reach = new Reach(() => built.inventory)
  const protection = new ProtectionDesk({ protection: new RoomDesk(room, () => clock.now), reach })
  return { ...(await setUp(t, { protection })), room, backEnd, audit: store, clock }
}

test('a profile is switched by hand with a reason, which the audit keeps, and is shown with who holds it', async t => {
  const { call, room, audit, backEnd } = await begun(t)
  const attack = { ...mitigationOf('a', 'acl', '203.0.113.7'), reason: 'a test' }
  await room.enforcers[0]?.announce(attack, BRIEFING)

  const on = await call('POST', '/protection/profiles/web/switch', { mode: 'on', reason: 'ticket 4711' })
  const off = await call('POST', '/protection/profiles/web/switch', {
    ...{ mode: 'off', countermeasure: 'acl', reason: 'false alarm' },
  })
  const { body } = await call('GET', '/protection')

  assert.deepEqual([on.status, on.body.profile.isOn, on.body.profile.carried], [200, true, 'in-place'])
  assert.match(off.body.notes.join(), /stays on for attack attack-a on 203\.0\.113\.7/)
  assert.match(backEnd.held ?? '', /web temporary-blacklist acl/)
  assert.deepEqual(
    body.profiles.map(({ id }: { id: string }) => id),
    ['web', 'both', 'general'],
  )
  assert.equal(body.defaultProfile, 'general')
  const kept = audit.audit().find(({ reason }) => reason.includes('ticket 4711'))
  assert.deepEqual([kept?.who, kept?.what, kept?.target], ['user:root', 'protect', 'web'])
})

test('sources are blocked, listed, found and let go; counters are read now', async t => {
  const { call, backEnd } = await begun(t)

  const asked = { sources: ['192.0.2.9', '2001:db8:7::/64'], ttlSeconds: 90, reason: 'scanners' }
  const blocked = await call('POST', '/protection/profiles/web/blocked', asked)
  const all = await call('GET', '/protection/blocked?profile=web&limit=1')
  const found = await call('GET', '/protection/blocked?source=192.0.2.7')
  const gone = await call('DELETE', '/protection/profiles/web/blocked/192.0.2.7')
  const counters = await call('GET', '/protection/counters?profile=web')

  assert.deepEqual(
    blocked.body.sources.map((one: { remainingSeconds: number }) => one.remainingSeconds),
    [90, 90],
  )
  assert.deepEqual(backEnd.blocks.length, 2)
  assert.deepEqual(all.body, {
    sources: [{ ...LISTED, profile: 'web', source: '192.0.2.8', remainingSeconds: 50 }],
    total: 2,
  })
  assert.deepEqual([found.body.total, found.body.sources[0].remainingSeconds], [1, 31])
  assert.deepEqual(gone.body, { source: '192.0.2.7', wasBlocked: true })
  const [counted] = counters.body.counters
  assert.deepEqual(
    [counted.profile, counted.countermeasure, counted.droppedPackets, counted.passedPackets],
    ['web', 'acl', 4, 6],
  )
})

test('what cannot be done is refused with a code and what to do', async t => {
  const { call, room } = await begun(t)
  const reason = 'x'
  const codes = async (method: 'POST' | 'GET', path: string, body?: object) => {
    const { status, body: told } = await call(method, path, body)
    return [status, told.code]
  }
  const of = (id: string) => `/protection/profiles/${id}`

  assert.deepEqual(await codes('GET', of('mail')), [404, 'unknown-profile'])
  assert.deepEqual(await codes('POST', `${of('mail')}/switch`, { mode: 'on', reason }), [
    404,
    'unknown-profile',
  ])
  const proxy = { mode: 'on', countermeasure: 'syn-proxy', reason }
  assert.deepEqual(await codes('POST', `${of('web')}/switch`, proxy), [409, 'no-countermeasure'])
  assert.deepEqual(await codes('POST', `${of('web')}/switch`, { mode: 'on' }), [400, 'invalid-request'])
  const wide = { sources: ['192.0.2.0/24'], reason }
  assert.deepEqual(await codes('POST', `${of('web')}/blocked`, wide), [400, 'invalid-request'])
  assert.deepEqual(await codes('POST', '/protection/incidents/web-9/tags', { tags: ['a'] }), [
    404,
    'unknown-incident',
  ])
  const half = { profile: 'web' }
  assert.deepEqual(await codes('POST', '/protection/preview', half), [400, 'invalid-request'])
  assert.deepEqual(await codes('POST', '/protection/restore', { backup: {}, reason }), [
    422,
    'bad-protection-backup',
  ])
  room.arm(false)
  const one = { sources: ['192.0.2.9'], reason }
  assert.deepEqual(await codes('POST', `${of('web')}/blocked`, one), [409, 'protection-not-possible'])
})

test('a backup is put back where nobody has switched anything meanwhile, or where it shall win', async t => {
  const { call, room } = await begun(t)
  const path = '/protection/profiles/web/switch'
  await call('POST', path, { mode: 'monitor', countermeasure: 'acl', reason: 'x' })
  const { body: backup } = await call('GET', '/protection/backup')
  await call('POST', path, { mode: 'on', reason: 'x' })

  const refused = await call('POST', '/protection/restore', { backup, reason: 'x' })
  const restored = await call('POST', '/protection/restore', { backup, replaces: true, reason: 'x' })
  const preview = await call('POST', '/protection/preview', { profile: 'web', mode: 'on' })

  assert.deepEqual([refused.status, refused.body.code], [409, 'protection-not-clean'])
  assert.equal(restored.body.switches, 1)
  assert.equal(room.holders.switchOf('web'), undefined)
  assert.equal(room.holders.switchOf('web', 'acl')?.mode, 'monitor')
  assert.match(preview.body.text, /^web temporary-blacklist acl\?/)
})

test('whoever is confined meets only profiles that cover nobody else', async t => {
  const { call, room, backEnd } = await begun(t)
  await room.enforcers[0]?.announce(mitigationOf('a', 'acl', '203.0.113.7'), BRIEFING)
  room.second()
  const before = backEnd.held
  const asked = new Map<string, { status: number; body: { [key: string]: unknown } }>()
  const ask = async ({ method, path: of }: Route, by: typeof OF_C1, query = '', body?: object) => {
    const path = of.replace('/api/v1', '').replace(':id', 'web').replace(':source', '192.0.2.7')
    const answer = await call(method, path.replace('incidents/web', 'incidents/web-1') + query, body, by)
    asked.set(`${method} ${of}`, answer)
  }
  const routes = PROTECTION_ROUTES
  const askAll = async (by: typeof OF_C1) => {
    await ask(routes.protection, by)
    await ask(routes.blockedSources, by)
    await ask(routes.protectionCounters, by)
    await ask(routes.protectionFor, by, '?target=203.0.113.7')
    await ask(routes.protectionIncidents, by)
    await ask(routes.tagIncident, by, '', { tags: ['seen'] })
    await ask(routes.protectionProfile, by)
    await ask(routes.blockSources, by, '', { sources: ['192.0.2.1'], reason: 'x' })
    await ask(routes.unblockSource, by)
    await ask(routes.switchProtection, by, '', { mode: 'on', countermeasure: 'acl', reason: 'x' })
  }

  await askAll(OF_C2)
  for (const [route, { status, body }] of asked) {
    assert.ok(status === 200 || status === 404, `${route}: ${status}`)
    assert.doesNotMatch(JSON.stringify(body), /203\.0\.113|192\.0\.2/, route)
  }
  assert.deepEqual([backEnd.held, backEnd.blocks.length], [before, 0])
  assert.equal((await call('GET', '/protection/profiles/both', undefined, OF_C1)).status, 404)
  assert.equal((await call('GET', '/protection/profiles/general', undefined, OF_C1)).status, 404)
  await askAll(OF_C1)
  for (const [route, { status }] of asked) assert.equal(status, 200, route)

  const ids = asked.get('GET /api/v1/protection')?.body['profiles'] as { id: string }[]
  assert.deepEqual(
    ids.map(({ id }) => id),
    ['web'],
  )
  // A row that says `customers` and is not asked here is not proved.
  const confined = NATIVE_RULES.filter(
    ({ path, reach }) => path.includes('/protection') && reach === 'customers',
  )
  assert.deepEqual(confined.map(({ method, path }) => `${method} ${path}`).sort(), [...asked.keys()].sort())
})
