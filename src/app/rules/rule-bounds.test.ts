import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '#api/contract/access.ts'
import { type AttackWitness, butRules } from '../attack-story.ts'
import { configWith } from '../engine-for-tests.ts'
import { OF_C1, report, setUp } from '../resources/resources-for-tests.ts'
import { armed, RULE } from './rule-desk-for-tests.ts'

test('a template makes its three rules, and what exists already is told', async t => {
  const { call, desk, store } = await armed(t)
  const request = { target: '203.0.113.9', ttlSeconds: 600, reason: 'only the web' }

  const listed = await call('GET', '/rules/templates')
  const made = await call('POST', '/rules/templates/web', request)
  const again = await call('POST', '/rules/templates/web', request)
  const unknown = await call('POST', '/rules/templates/gopher', request)
  await desk.settled()

  assert.deepEqual(
    listed.body.templates.map(({ name }: { name: string }) => name),
    ['web', 'mail', 'dns', 'ntp', 'default-pack'],
  )
  assert.deepEqual([made.status, made.body.made], [201, 3])
  assert.deepEqual(
    store.active().map(({ action }) => (action.kind === 'filter' ? action.rule : '')),
    [
      'destination 203.0.113.9/32 fragment is-fragment+first+last then discard',
      'destination 203.0.113.9/32 protocol >=0&<=5,>=7&<=255 then discard',
      'destination 203.0.113.9/32 protocol =tcp destination-port >=0&<=79,>=81&<=442,>=444&<=65535 then discard',
    ],
  )
  assert.equal(made.body.results[0].rule.via, 'template web')
  assert.deepEqual([again.body.made, again.body.results[0].code], [0, 'duplicate-rule'])
  assert.equal(unknown.status, 400)
})

test('the default pack goes on by itself within the maximum lifetime until it is withdrawn', async t => {
  const { call, stateOf, pass, clock, store, events, desk, book, rules } = await armed(t)

  const made = await call('POST', '/rules/default-pack', {
    networks: ['203.0.113.0/24'],
    reason: 'as always',
  })
  const { id, endsAt } = made.body.results[0].rule
  await pass(1)
  for (let quarter = 0; quarter < 12; quarter++) {
    clock.now += 6 * 3_600_000
    rules.tick()
    desk.expire(book)
    events.tick()
    await desk.settled()
  }
  const later = await call('GET', `/rules/${id}`)
  const longest = Math.max(...store.active().map(({ expiresAt }) => expiresAt))
  const shorter = await call('POST', '/rules/default-pack', {
    ...{ networks: ['2001:db8::/48'], ttlSeconds: 3600, reason: 'tonight' },
  })
  const taken = await call('POST', `/rules/${id}/withdraw`, {})

  assert.equal(made.body.made, 9)
  assert.deepEqual([later.body.state, later.body.renews], ['active', true])
  assert.ok(Date.parse(later.body.endsAt) > Date.parse(endsAt))
  assert.ok(longest <= clock.now + 86_400_000, 'no mitigation has an end beyond the maximum lifetime')
  assert.equal(store.active().length, 8 + 9)
  assert.deepEqual([shorter.body.made, shorter.body.results[0].rule.renews], [9, false])
  assert.equal(taken.body.outcome, 'withdrawn')
  assert.equal(await stateOf(id), 'withdrawn')
})

test('a preview says what would refuse a rule, and makes nothing', async t => {
  const { call, rules, store } = await armed(t)
  await call('POST', '/rules', RULE)

  const twice = await call('POST', '/rules/preview', RULE)
  const fine = await call('POST', '/rules/preview', {
    ...RULE,
    target: '203.0.113.77',
    ttlSeconds: undefined,
  })
  const foreign = await call('POST', '/rules/preview', { ...RULE, target: '8.8.8.8' }, OF_C1)
  const outside = await call('POST', '/rules/preview', { ...RULE, target: '8.8.8.8' })

  assert.deepEqual([twice.body.allowed, twice.body.refusals[0].by], [false, 'duplicate-rule'])
  assert.deepEqual([fine.body.allowed, fine.body.refusals], [true, []])
  assert.equal(fine.body.rule, 'destination 203.0.113.77/32 protocol =udp source-port =123 then discard')
  assert.ok(fine.body.traffic.packets.share > 0)
  assert.equal(foreign.body.code, 'outside-networks')
  assert.deepEqual(outside.body.refusals[0].by, 'outside-networks')
  assert.deepEqual([rules.live.length, store.active().length], [1, 1])
})

test('a customer has so many live rules and so many new ones in a minute, and is told the numbers', async t => {
  const config = configWith({
    inventory: {
      customers: [{ id: 'c1', prefixes: ['203.0.113.0/24'], rules: { activeMax: 3, newPerMinute: 2 } }],
    },
  })
  const { call, clock } = await setUp(t, {}, { config })
  const ask = async (last: number) => {
    const { status, body } = await call('POST', '/rules', { ...RULE, target: `203.0.113.${last}` })
    return status === 201 ? 'made' : [status, body.code, body.detail]
  }

  assert.deepEqual([await ask(1), await ask(2)], ['made', 'made'])
  assert.deepEqual(await ask(3), [
    ...[429, 'customer-new-rules'],
    'customer c1 made 2 rules within a minute and 2 are the most',
  ])
  clock.now += 61_000
  assert.equal(await ask(3), 'made')
  assert.deepEqual(await ask(4), [
    ...[409, 'customer-active-rules'],
    'customer c1 has 3 live rules and 3 are the most',
  ])
})

test('whoever is confined to networks makes rules within them alone; a prefix around them is refused', async t => {
  const { call } = await armed(t)
  const netadmin: Identity = {
    ...{ kind: 'user', name: 'nora', id: '7', role: 'operator', networks: ['203.0.113.64/26'] },
  }
  const ask = async (target: string) =>
    (await call('POST', '/rules', { ...RULE, target }, netadmin)).body.code ?? 'made'

  assert.equal(await ask('203.0.113.70'), 'made')
  assert.equal(await ask('203.0.113.64/26'), 'made')
  assert.equal(await ask('203.0.113.0/24'), 'outside-networks')
  assert.equal(await ask('203.0.113.1'), 'outside-networks')
  assert.equal((await call('GET', '/rules', undefined, netadmin)).body.live, 2)
})

test('nobody is told of an attack, and nothing is a ban, because somebody made a rule', async t => {
  const told: string[] = []
  const mail: AttackWitness = {
    opened: ({ host }) => void told.push(`opened ${host}`),
    evidence() {},
    ended: ({ host }) => void told.push(`ended ${host}`),
  }
  const { call, book, intake } = await setUp(t, {}, { witness: () => butRules(mail) })
  const made = await call('POST', '/rules', RULE)
  await intake.events.receive(report('203.0.113.5'))
  await call('POST', `/rules/${made.body.rule.id}/withdraw`, {})

  assert.deepEqual(told, ['opened 203.0.113.5'])
  assert.deepEqual(
    book.bans.map(({ attack }) => attack.origin),
    ['event'],
  )
})

test('whoever is confined hears the same of a blackhole of somebody else and of one that is not there', async t => {
  const { call } = await armed(t)
  const stranger: Identity = { ...OF_C1, customers: ['c9'] }
  const other = '203.0.113.16/28'
  const end = async () => {
    const { status, body } = await call(
      'DELETE',
      `/blackholes/${encodeURIComponent(other)}`,
      undefined,
      stranger,
    )
    return [status, body.code, body.detail]
  }

  const before = await end()
  const made = await call('POST', '/blackholes', { prefix: other, ttlSeconds: 600, reason: 'x' })
  const after = await end()

  assert.equal(made.status, 201)
  assert.equal(before[0], 404)
  assert.deepEqual(after, before)
})
