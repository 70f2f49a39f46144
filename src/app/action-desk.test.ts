import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { AttackBook } from './attack-book.ts'
import { ATTACK, bookOf, ended, FAILED, FakeEnforcer, setUp } from './desk-for-tests.ts'

test('an attack that opens is acted on: announced with its flows, amended with its packets, taken back at its end', async () => {
  const { desk, store, script, audit } = setUp()
  const flows = exampleFlows(2)
  const packets = examplePackets(3)

  const decision = desk.opened(ATTACK, flows)
  assert.equal(decision.kind, 'act')
  assert.equal(store.active()[0]!.state, 'pending')
  await script.answer()
  assert.equal(store.active()[0]!.state, 'announced')
  desk.evidence(ATTACK, packets)
  await script.answer()
  desk.ended(ended(ATTACK))
  assert.equal(store.active()[0]!.state, 'withdrawing')
  await script.answer()

  assert.deepEqual(script.words, ['announce', 'amend', 'withdraw'])
  assert.deepEqual(script.asked[0]!.briefing, { attack: ATTACK, flows, packets: [] })
  assert.deepEqual(script.asked[1]!.briefing.packets, packets)
  assert.equal(script.asked[2]!.briefing.attack.state, 'ended')
  assert.deepEqual(store.active(), [])
  assert.equal(store.ofAttack('example-1')[0]!.state, 'withdrawn')
  assert.deepEqual(audit(), ['floodwarden announce done', 'floodwarden withdraw done'])
})

test('an enforcer that fails is told of the end all the same, and the audit says what went wrong', async () => {
  const { desk, store, script, audit } = setUp()
  desk.opened(ATTACK, [])
  await script.answer(FAILED)
  const failed = store.active()[0]!
  assert.ok(failed.state === 'failed')
  assert.equal(failed.error, 'exit 1')

  desk.evidence(ATTACK, [])
  await script.answer(FAILED)
  desk.ended(ended(ATTACK))
  await script.answer(FAILED)

  assert.deepEqual(script.words, ['announce', 'amend', 'withdraw'])
  assert.deepEqual(audit(), [
    'floodwarden announce failed',
    'floodwarden amend failed',
    'floodwarden withdraw failed',
  ])
  assert.equal(store.audit()[0]!.reason, 'exit 1')
  assert.equal(store.ofAttack('example-1')[0]!.state, 'withdrawn')
})

test('an attack that ends before the enforcer answered is taken back, and the late answer changes nothing', async () => {
  const { desk, store, script, audit } = setUp()

  desk.opened(ATTACK, [])
  desk.ended(ended(ATTACK))
  assert.deepEqual(script.words, ['announce', 'withdraw'])
  await script.answer()

  assert.equal(store.ofAttack('example-1')[0]!.state, 'withdrawn')
  assert.deepEqual(audit(), ['floodwarden announce done', 'floodwarden withdraw done'])
  desk.ended(ended(ATTACK))
  assert.deepEqual(script.words, ['announce', 'withdraw'])
})

test('an answer for a mitigation that is over and forgotten brings it not back', async () => {
  const { desk, store, script } = setUp({ policy: { bansMax: 100_000, bansPerMinute: 100_000 } })
  desk.opened(ATTACK, [])
  const [slow] = script.asked
  const attacks = Array.from({ length: 1001 }, (_, at) => exampleAttack({ id: `other-${at}` }))
  // The first announcement is not answered; it is withdrawn, and a thousand others push it out of memory.
  desk.ended(ended(ATTACK))
  store.put({ ...store.get('example-1.0')!, state: 'withdrawn', endedAt: 1 })
  for (const attack of attacks) {
    store.put({
      ...slow!.mitigation,
      id: `${attack.id}.0`,
      attackId: attack.id,
      state: 'withdrawn',
      endedAt: 2,
    })
  }
  assert.equal(store.get('example-1.0'), undefined)

  await script.answer()

  assert.deepEqual(store.active(), [])
})

test('not armed, the dry run is asked instead of the enforcers, and the audit says so', async () => {
  const { desk, script, dryRun, audit } = setUp({ armed: false })

  assert.equal(desk.opened(ATTACK, []).kind, 'dry-run')
  await dryRun.answer()
  desk.evidence(ATTACK, examplePackets(1))
  desk.ended(ended(ATTACK))
  await dryRun.answer()

  assert.deepEqual(script.words, [])
  assert.deepEqual(dryRun.words, ['announce', 'amend', 'withdraw'])
  assert.deepEqual(audit(), ['floodwarden announce dry-run', 'floodwarden withdraw dry-run'])
})

test('what policy refuses is done by nobody and stands in the audit with its reason', () => {
  const { desk, store, script, dryRun } = setUp({ networks: [parsePrefix('10.0.0.0/8')!] })

  assert.equal(desk.opened(ATTACK, [], 'uid:1000').kind, 'refused')

  assert.deepEqual([...script.words, ...dryRun.words], [])
  assert.deepEqual(store.audit(), [
    {
      at: 1000,
      who: 'uid:1000',
      what: 'decide',
      target: '192.0.2.1',
      attackId: 'example-1',
      mitigationId: undefined,
      outcome: 'refused',
      reason: '192.0.2.1/32 is in none of our 1 networks',
    },
  ])
  desk.evidence(ATTACK, [])
  desk.ended(ended(ATTACK))
  assert.deepEqual(script.words, [])
})

test('without a script nothing is done', () => {
  const { desk, store } = setUp({ scriptPath: undefined })

  assert.equal(desk.opened(ATTACK, []).kind, 'nothing')
  assert.deepEqual(store.active(), [])
  assert.deepEqual(store.audit(), [])
})

test('more hosts than the rail allows are not acted on', () => {
  const { desk, store } = setUp({ policy: { bansMax: 2, bansPerMinute: 100 } })

  const kinds = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
    (host, at) => desk.opened(exampleAttack({ id: `a-${at}`, host }), []).kind,
  )

  assert.deepEqual(kinds, ['act', 'act', 'refused'])
  assert.equal(store.active().length, 2)
})

test('whoever asked stands in the audit', async () => {
  const { desk, script, audit } = setUp()

  desk.opened(ATTACK, [], 'uid:1000')
  await script.answer()
  desk.ended(ended(ATTACK), 'uid:1001')
  await script.answer()

  assert.deepEqual(audit(), ['uid:1000 announce done', 'uid:1001 withdraw done'])
})

test('a ban that lasts until somebody ends it renews what is done for it', async () => {
  const { desk, store, script, clock, audit } = setUp({ maximumSeconds: 60 })
  const standing = { ...ATTACK, banSeconds: 0 }
  const book = bookOf(standing)
  desk.opened(standing, [])
  await script.answer()
  assert.deepEqual([store.active()[0]!.expiresAt, store.active()[0]!.isStanding], [61_000, true])

  clock.now = 60_999
  desk.expire(book)
  assert.equal(store.active()[0]!.expiresAt, 61_000)
  clock.now = 61_000
  desk.expire(book)

  assert.equal(store.active()[0]!.expiresAt, 121_000)
  assert.deepEqual(script.words, ['announce'])
  assert.deepEqual(audit(), ['floodwarden announce done', 'floodwarden renew done'])
})

test('a mitigation ends with the maximum lifetime, and an attack that is seen after that is decided about anew', async () => {
  const { desk, store, script, clock } = setUp({ maximumSeconds: 60 })
  const book = bookOf(ATTACK)
  desk.opened(ATTACK, [])
  await script.answer()

  clock.now = 61_000
  desk.expire(book)
  await script.answer()
  assert.deepEqual(script.words, ['announce', 'withdraw'])
  clock.now = 62_000
  desk.expire(book)
  await script.answer()

  assert.deepEqual(script.words, ['announce', 'withdraw', 'announce'])
  assert.deepEqual(
    store.ofAttack(ATTACK.id).map(({ id, state }) => [id, state]),
    [
      ['example-1.0', 'expired'],
      ['example-1.1', 'announced'],
    ],
  )
})

test('when its flood is over, a mitigation that lived its time is not followed by another', async () => {
  const { desk, script, clock } = setUp({ maximumSeconds: 60 })
  const calm = { ...ATTACK, isOver: false, lastOverAt: 500 }
  const book = bookOf(calm)
  desk.opened(calm, [])
  await script.answer()

  clock.now = 61_000
  desk.expire(book)
  await script.answer()
  clock.now = 62_000
  desk.expire(book)

  assert.deepEqual(script.words, ['announce', 'withdraw'])
})

test('what nothing keeps alive ends at its time, also when its attack is no longer known', async () => {
  const { desk, store, script, clock, audit } = setUp({ maximumSeconds: 60 })
  desk.opened(ATTACK, [])
  await script.answer()

  clock.now = 61_000
  desk.expire(new AttackBook())
  await desk.settled()

  assert.equal(store.ofAttack('example-1')[0]!.state, 'expired')
  assert.deepEqual(audit(), ['floodwarden announce done', 'floodwarden expire failed'])
})

test('the desk is settled when every answer was heard', async () => {
  const { desk, script, store } = setUp()
  desk.opened(ATTACK, [])
  let isSettled = false
  const settled = desk.settled().then(() => (isSettled = true))
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(isSettled, false)

  await script.answer()
  await settled

  assert.equal(store.active()[0]!.state, 'announced')
})

test('routes stay for a while after the attack, scripts are told at once', async () => {
  const gobgp = new FakeEnforcer('gobgp', ['blackhole'])
  const { desk, script, store, clock } = setUp(
    {
      holdDownSeconds: 30,
      announcements: [
        { enforcer: 'gobgp', family: 4, scope: 'host', nextHop: '192.0.2.66', communities: [] },
      ],
    },
    [gobgp],
  )
  desk.opened(ATTACK, [])
  await script.answer()
  await gobgp.answer()

  desk.ended(ended(ATTACK))
  await script.answer()
  assert.deepEqual([script.words, gobgp.words], [['announce', 'withdraw'], ['announce']])
  assert.deepEqual(
    store.active().map(({ state }) => state),
    ['ending'],
  )
  clock.now = 30_999
  desk.expire(new AttackBook())
  assert.deepEqual(gobgp.words, ['announce'])
  clock.now = 31_000
  desk.expire(new AttackBook())
  await gobgp.answer()

  assert.deepEqual(gobgp.words, ['announce', 'withdraw'])
  assert.deepEqual(store.active(), [])
})
