import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isActive } from '#7-mitigation/mitigation.ts'
import { OF_C1, OF_C2 } from '../resources/resources-for-tests.ts'
import { armed, RULE } from './rule-desk-for-tests.ts'

test('a rule is announced as it was written, shown, extended, and withdrawn once', async t => {
  const { call, desk, store, stateOf, pass, rulesTold } = await armed(t)

  const made = await call('POST', '/rules', RULE)
  await desk.settled()
  const { id } = made.body.rule
  const [mitigation] = store.active()
  const extended = await call('POST', `/rules/${id}/extend`, { ttlSeconds: 1200 })
  const before = await stateOf(id)
  await pass(700)
  const after = await stateOf(id)
  const taken = await call('POST', `/rules/${id}/withdraw`, { reason: 'over' })
  await desk.settled()
  const twice = await call('POST', `/rules/${id}/withdraw`, {})

  assert.deepEqual([made.status, made.body.outcome], [201, 'created'])
  assert.equal(made.body.rule.rule, 'destination 203.0.113.5/32 protocol =udp source-port =123 then discard')
  assert.equal(mitigation?.action.kind === 'filter' && mitigation.action.rule, made.body.rule.rule)
  assert.equal(Date.parse(extended.body.endsAt) - Date.parse(made.body.rule.endsAt), 600_000)
  assert.deepEqual([before, after], ['active', 'active'])
  assert.deepEqual([taken.body.outcome, twice.body.outcome], ['withdrawn', 'over'])
  assert.equal(taken.body.rule.endedBy, 'user:root')
  assert.equal(store.active().length, 0)
  const states = rulesTold.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1])
  assert.deepEqual(states, ['pending', 'active', 'withdrawn'])
  const deeds = store
    .audit()
    .filter(({ what }) => what === 'rule')
    .map(({ reason }) => reason.split(' ')[2])
  assert.deepEqual(deeds, ['made:', 'extended:', 'withdrawn:'])
})

test('a rule as text says what is done; monitor is shown and never announced; accept lets pass', async t => {
  const { call, desk, store, stateOf } = await armed(t)
  const text = 'destination 203.0.113.6/32 protocol =tcp destination-port =80 then rate 1000 bytes/s'
  const span = { ttlSeconds: 600, reason: 'x' }

  const limited = await call('POST', '/rules', { rule: text, ...span })
  const watched = await call('POST', '/rules', { target: '203.0.113.0/24', action: 'monitor', ...span })
  const accepted = await call('POST', '/rules', {
    ...{ target: '2001:db8::1', match: { protocol: '=tcp' }, action: 'accept', ...span },
  })
  await desk.settled()

  assert.deepEqual([limited.body.rule.action, limited.body.rule.bitsPerSecond], ['rate-limit', 8000])
  assert.equal(limited.body.rule.rule, text)
  const states = [limited, watched, accepted].map(({ body }) => stateOf(body.rule.id))
  assert.deepEqual(await Promise.all(states), ['active', 'monitored', 'active'])
  assert.deepEqual(
    store.active().map(({ enforcer }) => enforcer),
    ['gobgp', 'dry-run', 'gobgp'],
  )
  assert.match(accepted.body.rule.rule, /then action none$/)
})

test('a start to come is honoured, also by the run after, and the end is its own', async t => {
  const { call, clock, stateOf, pass, store, documents, rules } = await armed(t)
  const startsAt = new Date(clock.now + 60_000).toISOString()

  const made = await call('POST', '/rules', { ...RULE, ttlSeconds: 120, startsAt })
  const { id } = made.body.rule
  const first = await stateOf(id)
  assert.equal(store.active().length, 0)
  assert.deepEqual([...documents.all('rule').keys()], [id])
  rules.open()
  await pass(61)
  const second = await stateOf(id)
  await pass(121)

  assert.deepEqual([first, second, await stateOf(id)], ['scheduled', 'active', 'expired'])
  assert.deepEqual(store.active().filter(isActive), [])
})

test('a router that cannot be told makes a rule fail, and retry has it announced', async t => {
  const { call, desk, answer, stateOf } = await armed(t)
  answer.now = { kind: 'failed', error: 'gobgpd does not answer' }

  const made = await call('POST', '/rules', RULE)
  await desk.settled()
  const { id } = made.body.rule
  const failed = await call('GET', `/rules/${id}`)
  answer.now = { kind: 'done' }
  const retried = await call('POST', `/rules/${id}/retry`)
  await desk.settled()
  const again = await call('POST', `/rules/${id}/retry`)

  assert.deepEqual([failed.body.state, failed.body.problem], ['failed', 'gobgpd does not answer'])
  assert.equal(retried.status, 200)
  assert.equal(await stateOf(id), 'active')
  assert.deepEqual([again.status, again.body.code], [409, 'rule-not-failed'])
})

test('what is refused is told with its field, its rail, its number or the other rule', async t => {
  const { call } = await armed(t)
  const ask = async (changes: object) => {
    const { status, body } = await call('POST', '/rules', { ...RULE, ...changes })
    return [status, body.code, body.errors?.[0]?.at ?? body.detail]
  }
  const first = await call('POST', '/rules', RULE)

  const answers = {
    twice: await ask({}),
    otherAction: await ask({ action: 'accept' }),
    noEnd: await ask({ ttlSeconds: undefined }),
    noReason: await ask({ reason: '' }),
    tooLong: await ask({ ttlSeconds: 90_000 }),
    past: await ask({ ttlSeconds: undefined, until: '2020-01-01T00:00:00Z' }),
    foreign: await ask({ target: '8.8.8.8' }),
    supernet: await ask({ target: '203.0.112.0/23' }),
    grammar: await ask({ match: { protocol: '=udp', destinationPort: '=80 =443' } }),
    contradiction: await ask({ match: { protocol: '=icmp', destinationPort: '=80' } }),
    all: await ask({ match: {} }),
    noDestination: await ask({ target: undefined, match: undefined, rule: 'ipv4 protocol =udp' }),
    redirect: await ask({
      ...{ target: undefined, match: undefined, action: undefined },
      rule: 'destination 203.0.113.9/32 protocol =udp then redirect 65000:1',
    }),
    noRate: await ask({ match: { protocol: '=gre' }, action: 'rate-limit' }),
  }

  assert.deepEqual(answers, {
    twice: [
      ...[409, 'duplicate-rule'],
      `rule ${first.body.rule.id} matches the same and lasts until ${first.body.rule.endsAt}`,
    ],
    otherAction: answers.twice,
    noEnd: [400, 'invalid-request', 'ttlSeconds'],
    noReason: [400, 'invalid-request', 'reason'],
    tooLong: [422, 'lasts-too-long', 'it would last 90000 s and 10 to 86400 s are allowed'],
    past: [422, 'ends-in-the-past', '2020-01-01T00:00:00.000Z'],
    foreign: [422, 'outside-networks', '8.8.8.8/32 is in none of our 2 networks'],
    supernet: [422, 'outside-networks', '203.0.112.0/23 is in none of our 2 networks'],
    grammar: [400, 'invalid-request', 'match.destinationPort'],
    contradiction: [400, 'invalid-request', 'match'],
    all: [
      ...[422, 'refused-by-policy'],
      'the rule names nothing but its target: to discard all of it is a blackhole',
    ],
    noDestination: [400, 'invalid-request', 'rule'],
    redirect: [400, 'invalid-request', 'rule'],
    noRate: [400, 'invalid-request', 'bitsPerSecond'],
  })
})

test('the same again extends where that is wanted, and never shortens', async t => {
  const { call, rules } = await armed(t)
  const first = await call('POST', '/rules', RULE)

  const longer = await call('POST', '/rules', { ...RULE, ttlSeconds: 900, ifExists: 'extend' })
  const shorter = await call('POST', '/rules', { ...RULE, ttlSeconds: 60, ifExists: 'extend' })
  const other = await call('POST', '/rules', { ...RULE, action: 'accept', ifExists: 'extend' })

  assert.deepEqual([longer.body.outcome, longer.body.rule.id], ['extended', first.body.rule.id])
  assert.equal(Date.parse(longer.body.rule.endsAt) - Date.parse(first.body.rule.endsAt), 300_000)
  assert.equal(shorter.body.rule.endsAt, longer.body.rule.endsAt)
  assert.equal(other.body.code, 'duplicate-rule')
  assert.equal(rules.live.length, 1)
})

test('rails hold for rules by people too: management, safelist, BGP, width', async t => {
  const { call } = await armed(t, {
    managementPrefixes: [{ family: 4, value: 0xcb007140n, length: 28 }],
    routers: [{ family: 4, value: 0xcb007105n, length: 32 }],
  })
  await call('POST', '/safelist', { prefix: '203.0.113.53', reason: 'resolver' })
  const ask = async (changes: object) =>
    (await call('POST', '/rules', { ...RULE, ...changes })).body.code as string

  assert.equal(await ask({ target: '203.0.113.65' }), 'protected-host')
  assert.equal(await ask({ target: '203.0.113.0/24' }), 'protected-host')
  assert.equal(await ask({ target: '203.0.113.53' }), 'protected-host')
  assert.equal(await ask({ match: { protocol: '=tcp' } }), 'protected-host')
  assert.equal(
    await ask({ match: { protocol: '=tcp', destinationPort: '=80', sourcePort: '>=1024' } }),
    undefined,
  )
  assert.equal(await ask({ target: '2001:db8::/31' }), 'outside-networks')
})

test('a rule whose target becomes safelisted is refused, with the reason', async t => {
  const { call, pass, stateOf, store } = await armed(t)
  const made = await call('POST', '/rules', RULE)
  await pass(1)

  await call('POST', '/safelist', { prefix: '203.0.113.0/28', reason: 'resolvers' })
  await pass(8)

  const shown = await call('GET', `/rules/${made.body.rule.id}`)
  assert.equal(await stateOf(made.body.rule.id), 'refused')
  assert.match(shown.body.problem, /resolvers/)
  assert.deepEqual(store.active(), [])
})

test('a blackhole is a route of exactly its prefix, with an end, and is taken back by its prefix', async t => {
  const { call, desk, store } = await armed(t)
  const hole = { prefix: '203.0.113.0/28', ttlSeconds: 600, reason: 'flood' }

  const made = await call('POST', '/blackholes', hole)
  await desk.settled()
  const [mitigation] = store.active()
  const outside = await call('POST', '/blackholes', { ...hole, prefix: '198.51.100.1' })
  const listed = await call('GET', '/rules?kind=blackhole&state=live')
  const ended = await call('DELETE', `/blackholes/${encodeURIComponent('203.0.113.0/28')}`)
  const unknown = await call('DELETE', `/blackholes/${encodeURIComponent('203.0.113.0/28')}`)
  await desk.settled()

  assert.deepEqual([made.status, made.body.rule.state === 'withdrawn'], [201, false])
  assert.equal(mitigation?.action.kind, 'blackhole')
  assert.equal(mitigation.action.prefix, '203.0.113.0/28')
  assert.equal(outside.body.code, 'outside-networks')
  assert.equal(listed.body.rules.length, 1)
  assert.equal(ended.body.outcome, 'withdrawn')
  assert.equal(unknown.status, 404)
  assert.deepEqual(store.active(), [])
})

test('panic takes back rules by people and what detection does, and nothing comes back until it is armed', async t => {
  const { call, desk, store, intake, pass, arming, rules } = await armed(t)
  await call('POST', '/rules', RULE)
  await call('POST', '/rules', { ...RULE, target: '203.0.113.7', startsAt: '2099-01-01T00:00:00Z' })
  await intake.events.receive({
    ...{ source: 'fnm', externalId: 'a', at: 0, action: 'ban', host: '203.0.113.10', direction: 'incoming' },
    ...{ vector: 'udp_flood', ports: [], confidence: 0.9 },
  })
  await desk.settled()
  assert.equal(store.active().length, 2)

  const unconfirmed = await call('POST', '/panic', {})
  const panicked = await call('POST', '/panic', { confirm: true, reason: '3 am' })
  await pass(20)
  const real = store.active().filter(({ enforcer }) => enforcer !== 'dry-run')
  const again = await call('POST', '/rules', { ...RULE, target: '203.0.113.8' })
  await pass(1)
  const shown = await call('GET', `/rules/${again.body.rule.id}`)

  assert.equal(unconfirmed.status, 400)
  assert.deepEqual(panicked.body, {
    ...{ rules: 1, mitigations: 2, stillHeld: 0, armed: false, liftedBy: 'floodwarden arm' },
  })
  assert.deepEqual(real, [])
  assert.deepEqual([shown.body.state, shown.body.dryRun], ['monitored', true])
  arming.order({ armed: true, reason: undefined }, 'uid:0')
  await pass(2)
  assert.equal((await call('GET', `/rules/${again.body.rule.id}`)).body.state, 'active')
  assert.equal(rules.live.length, 1)
})

test('whoever is confined makes rules for his own addresses alone, sees and touches no others', async t => {
  const { call } = await armed(t)
  const theirs = await call('POST', '/rules', RULE, OF_C2)
  const own = await call('POST', '/rules', RULE, OF_C1)
  const { id } = own.body.rule

  assert.equal(theirs.body.code, 'outside-networks')
  assert.equal(own.status, 201)
  assert.equal(own.body.rule.customer, 'c1')
  assert.deepEqual((await call('GET', '/rules', undefined, OF_C2)).body, { rules: [], live: 0 })
  for (const [method, path, body] of [
    ['GET', `/rules/${id}`, undefined],
    ['POST', `/rules/${id}/extend`, { ttlSeconds: 60 }],
    ['POST', `/rules/${id}/withdraw`, {}],
    ['POST', `/rules/${id}/retry`, {}],
    ['DELETE', '/blackholes/203.0.113.5', undefined],
  ] as const) {
    assert.equal((await call(method, path, body, OF_C2)).body.code, 'unknown-rule', path)
  }
})
