import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { NATIVE_RULES } from '#api/contract/access-table.ts'
import { CAPTURE } from '#api/contract/capture.ts'
import { LIVE } from '#api/contract/live.ts'
import { PROTECTION_ROUTES } from '#api/contract/protection-routes.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { contextOf, INVENTORY } from '../intake/intake-for-tests.ts'
import { OF_C1, OF_C2, report, setUp } from './resources-for-tests.ts'

/** They are about whoever asks, and proved beside the gate; the feed is a door of its own; protection is proved beside its desk. */
const OTHERS = [
  ...Object.values(PROTECTION_ROUTES),
  ...[ROUTES.me, ROUTES.logOut, ROUTES.setPassword, LIVE],
  ...[ROUTES.users, ROUTES.addUser, ROUTES.changeUser, ROUTES.removeUser],
  ...[ROUTES.tokens, ROUTES.addToken, ROUTES.revokeToken],
].map(({ method, path }) => `${method} ${path}`)

const RULE = { target: '203.0.113.1', match: { protocol: '=gre' }, action: 'monitor', reason: 'x' }

type Ask = (
  route: { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string },
  id?: string,
  body?: object,
) => Promise<void>

async function askRules(ask: Ask, ruleId: string): Promise<void> {
  await ask(ROUTES.rules)
  await ask(ROUTES.rule, ruleId)
  await ask(ROUTES.addRule, '', { ...RULE, match: { protocol: '=udp' }, ttlSeconds: 600 })
  await ask(ROUTES.previewRule, '', { ...RULE, match: { protocol: '=udp' } })
  await ask(ROUTES.templates)
  await ask(ROUTES.applyTemplate, 'web', { target: '203.0.113.2', ttlSeconds: 600, reason: 'x' })
  await ask(ROUTES.applyPack, '', { networks: ['203.0.113.0/24'], reason: 'x' })
  await ask(ROUTES.extendRule, ruleId, { ttlSeconds: 900 })
  await ask(ROUTES.withdrawRule, ruleId, {})
  await ask(ROUTES.retryRule, ruleId, {})
  await ask(ROUTES.addBlackhole, '', { prefix: '203.0.113.1', ttlSeconds: 600, reason: 'x' })
  await ask(ROUTES.endBlackhole, '203.0.113.2')
}

test('of another customer one sees nothing and can touch nothing, by whatever route', async t => {
  const { call, intake, desk, store } = await setUp(t)
  await intake.events.receive(report('203.0.113.1'))
  await desk.settled()
  await call('POST', '/safelist', { prefix: '203.0.113.200', reason: 'theirs' })
  const [mitigation] = (await call('GET', '/mitigations', undefined, OF_C1)).body.mitigations
  const events = await call('GET', '/events', undefined, OF_C1)
  const [event] = events.body.events
  const attacks = await call('GET', '/attacks', undefined, OF_C1)
  const [{ id: attackId }] = attacks.body.attacks
  const order = { target: '203.0.113.9', action: 'discard', ttlSeconds: 60, reason: 'x' }
  const foreign = { host: '203.0.113.8', source: 'other', action: 'ban', vector: 'udp_flood' }
  const own = await call('POST', '/rules', { ...RULE, ttlSeconds: 600 }, OF_C1)
  await desk.settled()
  const { id: ruleId } = own.body.rule
  const before = JSON.stringify(store.active())

  const asked = new Map<string, { status: number; body: unknown }>()
  const ask: Ask = async (route, id = '', body = undefined) => {
    const path = route.path.replace('/api/v1', '').replace(/:\w+/, encodeURIComponent(id))
    asked.set(`${route.method} ${route.path}`, await call(route.method, path, body, OF_C2))
  }
  await ask(ROUTES.attacks)
  for (const route of [ROUTES.attack, ROUTES.course, CAPTURE]) await ask(route, attackId)
  await ask(ROUTES.mitigations)
  await ask(ROUTES.mitigation, mitigation.id)
  await ask(ROUTES.order, '', order)
  await ask(ROUTES.previewOrder, '', order)
  await ask(ROUTES.extendMany, '', { ids: [mitigation.id], ttlSeconds: 60 })
  await ask(ROUTES.withdraw, mitigation.id, {})
  await ask(ROUTES.withdrawMany, '', { ids: [mitigation.id] })
  await ask(ROUTES.acknowledgeMany, '', { ids: [mitigation.id] })
  for (const route of [ROUTES.events, ROUTES.preferences, ROUTES.setPreferences]) await ask(route)
  await ask(ROUTES.event, event.id)
  await ask(ROUTES.report, '', foreign)
  await ask(ROUTES.safelist)
  await ask(ROUTES.addSafe, '', { prefix: '203.0.113.201', reason: 'mine' })
  await ask(ROUTES.removeSafe, '203.0.113.200/32')
  await askRules(ask, ruleId)
  await desk.settled()

  for (const [route, { status, body }] of asked) {
    assert.ok(![400, 403, 500].includes(status), `${route}: ${status}`)
    assert.doesNotMatch(JSON.stringify(body), /203\.0\.113\.(1|200)"|"customer":"c1"/, route)
  }
  const gone = [
    ...[
      ROUTES.attack,
      ROUTES.course,
      CAPTURE,
      ROUTES.mitigation,
      ROUTES.withdraw,
      ROUTES.event,
      ROUTES.removeSafe,
    ],
    ...[ROUTES.rule, ROUTES.extendRule, ROUTES.withdrawRule, ROUTES.retryRule, ROUTES.endBlackhole],
  ]
  for (const { method, path } of gone) assert.equal(asked.get(`${method} ${path}`)?.status, 404, path)
  assert.equal(JSON.stringify(store.active()), before)
  assert.equal((await call('GET', '/safelist')).body.safelist.length, 1)
  // A row that says `customers` and is not asked here is not proved.
  const confined = NATIVE_RULES.filter(({ reach }) => reach === 'customers')
  assert.deepEqual(
    confined
      .map(({ method, path }) => `${method} ${path}`)
      .filter(place => !OTHERS.includes(place))
      .sort(),
    [...asked.keys()].sort(),
  )
})

test('another customer cannot take back a report by its name, whatever host he says', async t => {
  const { call, intake, desk, book } = await setUp(t)
  const customers = [...INVENTORY.customers, { id: 'c2', prefixes: ['198.51.100.0/24'] }]
  const built = buildInventory(inventorySchema.parse({ customers }))
  assert.ok(built.kind === 'ok')
  desk.reconfigure({ maximumSeconds: 86_400, context: contextOf({ inventory: built.inventory }) }, book)
  await intake.events.receive({ ...report('203.0.113.1'), externalId: 'theirs' })
  await desk.settled()
  const about = { source: 'fnm', vector: 'udp_flood', externalId: 'theirs', action: 'unban' }

  const stranger = await call('POST', '/events', { ...about, host: '198.51.100.1' }, OF_C2)
  const isOpen = book.openCount === 1
  const owner = await call('POST', '/events', { ...about, host: '203.0.113.9' }, OF_C1)

  assert.deepEqual(stranger.body, { outcome: 'unknown-event' })
  assert.equal(isOpen, true)
  assert.equal(owner.body.outcome, 'withdrawn')
})
