import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk, type ActionDeskOptions } from './action-desk.ts'
import { AttackBook } from './attack-book.ts'

const DONE: Outcome = { kind: 'done' }
const FAILED: Outcome = { kind: 'failed', error: 'exit 1' }

/** Writes down what it is asked, and answers when the test says so. */
class FakeEnforcer implements Enforcer {
  readonly name: string
  readonly actions = ['script'] as const
  readonly lists = false
  readonly asked: { what: string; mitigation: Mitigation; briefing: Briefing }[] = []
  readonly #waiting: ((outcome: Outcome) => void)[] = []

  constructor(name = 'fake') {
    this.name = name
  }

  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('announce', mitigation, briefing)
  }

  amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('amend', mitigation, briefing)
  }

  withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('withdraw', mitigation, briefing)
  }

  async stop(): Promise<void> {}

  #ask(what: string, mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    this.asked.push({ what, mitigation, briefing })
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Answers all that wait, in the order in which they asked. */
  async answer(...outcomes: Outcome[]): Promise<void> {
    for (const [at, resolve] of this.#waiting.splice(0).entries()) resolve(outcomes[at] ?? DONE)
    await new Promise(resolve => setImmediate(resolve))
  }

  get words(): string[] {
    return this.asked.map(({ what }) => what)
  }
}

const NETWORKS = [parsePrefix('192.0.2.0/24')!]

function setUp(changes: Partial<ActionDeskOptions['context']> & { maximumSeconds?: number } = {}) {
  const { maximumSeconds = 3600, ...context } = changes
  const store = new MitigationLedger()
  const script = new FakeEnforcer('script')
  const dryRun = new FakeEnforcer('dry-run')
  const clock = { now: 1000 }
  const desk = new ActionDesk({
    store,
    enforcers: [script],
    dryRun,
    maximumSeconds,
    context: {
      networks: NETWORKS,
      whitelist: [],
      managementPrefixes: [],
      policy: { bansMax: 10, bansPerMinute: 100_000 },
      armed: true,
      scriptPath: '/bin/notify',
      ...context,
    },
    counts: new DecisionCounts(),
    log: SILENT,
    now: () => clock.now,
  })
  const states = () => [...store.active(), ...store.ofAttack('example-1')].map(({ state }) => state)
  const audit = () => store.audit().map(({ who, what, outcome }) => `${who} ${what} ${outcome}`)
  return { desk, store, script, dryRun, clock, states, audit }
}

const ATTACK = exampleAttack()

function bookOf(...attacks: OpenAttack[]): AttackBook {
  const book = new AttackBook()
  for (const attack of attacks) book.opened(attack, 'decided', [])
  return book
}

function ended(attack: OpenAttack): EndedAttack {
  const { state: _state, isOver: _isOver, lastOverAt: _lastOverAt, ...facts } = attack
  return { ...facts, state: 'ended', endedAt: 2000, endedBy: 'finished' }
}

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

test('as long as its attack is open a mitigation is renewed before its time is up', async () => {
  const { desk, store, script, clock, audit } = setUp({ maximumSeconds: 60 })
  const book = bookOf(ATTACK)
  desk.opened(ATTACK, [])
  await script.answer()
  assert.equal(store.active()[0]!.expiresAt, 61_000)

  clock.now = 60_999
  desk.expire(book)
  assert.equal(store.active()[0]!.expiresAt, 61_000)
  clock.now = 61_000
  desk.expire(book)

  assert.equal(store.active()[0]!.expiresAt, 121_000)
  assert.deepEqual(script.words, ['announce'])
  assert.deepEqual(audit(), ['floodwarden announce done', 'floodwarden renew done'])
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

test('what a cap kept back is acted on in turn when there is room, and the book hears of it', async () => {
  const { desk, script, clock } = setUp({ policy: { bansMax: 2, bansPerMinute: 100 } })
  const attacks = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'].map((host, at) =>
    exampleAttack({ id: `a-${at}`, host }),
  )
  const book = bookOf(...attacks)
  for (const attack of attacks) desk.opened(attack, [])
  book.evidence('a-3', examplePackets(2))
  assert.equal(desk.cappedCount, 3)
  desk.expire(book)
  assert.deepEqual(script.words, ['announce', 'announce'])

  // The third is over before its turn comes.
  book.ended(ended(attacks[2]!))
  desk.ended(ended(attacks[2]!))
  desk.ended(ended(attacks[0]!))
  await script.answer()
  clock.now += 1000
  desk.expire(book)
  await script.answer()

  assert.deepEqual(
    script.asked.map(({ what, mitigation }) => `${what} ${mitigation.attackId}`),
    ['announce a-0', 'announce a-1', 'withdraw a-0', 'announce a-3', 'amend a-3'],
  )
  assert.equal(desk.cappedCount, 1)
  assert.match(book.get('a-3')!.decision, /^acting for 192\.0\.2\.4/)
  assert.equal(book.get('a-4')!.decision, 'decided')
})

test('more bans than a minute may have wait for the next one', () => {
  const { desk, script, clock } = setUp({ policy: { bansMax: 100, bansPerMinute: 2 } })
  const attacks = [1, 2, 3].map(at => exampleAttack({ id: `a-${at}`, host: `192.0.2.${at}` }))
  const book = bookOf(...attacks)

  assert.deepEqual(
    attacks.map(attack => desk.opened(attack, []).kind),
    ['act', 'act', 'refused'],
  )
  clock.now += 59_999
  desk.expire(book)
  assert.equal(script.asked.length, 2)
  clock.now += 1
  desk.expire(book)

  assert.equal(script.asked.length, 3)
  assert.equal(desk.cappedCount, 0)
})

test('what another rail refuses does not wait for room', () => {
  const { desk } = setUp({ networks: [parsePrefix('10.0.0.0/8')!] })
  desk.opened(ATTACK, [])

  assert.equal(desk.cappedCount, 0)
})

const held = (
  attack: OpenAttack,
  state: 'pending' | 'announced' | 'withdrawing',
  enforcer = 'script',
): Mitigation => {
  const facts = {
    ...{ id: `${attack.id}.0`, attackId: attack.id, target: attack.host, enforcer, reason: 'because' },
    ...{ action: { kind: 'script', path: '/bin/notify' } as const, createdAt: 0, expiresAt: 1e12 },
  }
  if (state === 'announced') return { ...facts, state, announcedAt: 1 }
  return state === 'withdrawing' ? { ...facts, state, announcedAt: 1 } : { ...facts, state }
}

test('what an earlier run announced is held and not announced again, and taken back at its end', async () => {
  const { desk, store, script } = setUp({ policy: { bansMax: 1, bansPerMinute: 1 } })

  assert.equal(desk.adopt(ATTACK, [held(ATTACK, 'announced')]), true)
  assert.deepEqual(script.words, [])
  assert.equal(store.targets.size, 1)
  assert.equal(store.bansWithinMinute(1000), 0)
  desk.ended(ended(ATTACK))
  await script.answer()

  assert.deepEqual(script.words, ['withdraw'])
  assert.deepEqual(store.active(), [])
  assert.equal(store.targets.size, 0)
})

test('what an earlier run got no answer about is asked again, and so is a withdrawal', async () => {
  const { desk, script, store } = setUp()
  const other = exampleAttack({ id: 'b', host: '192.0.2.2' })

  assert.equal(desk.adopt(ATTACK, [held(ATTACK, 'pending')]), true)
  assert.equal(desk.adopt(other, [held(other, 'withdrawing')]), false)
  await script.answer()

  assert.deepEqual(script.words, ['announce', 'withdraw'])
  assert.deepEqual(
    store.active().map(({ id, state }) => [id, state]),
    [['example-1.0', 'announced']],
  )
})

test('what belongs to an attack that is over is taken back', async () => {
  const { desk, script } = setUp()

  assert.equal(desk.adopt(ended(ATTACK), [held(ATTACK, 'announced')]), false)
  await script.answer()

  assert.deepEqual(script.words, ['withdraw'])
})

test('a dry run is dropped when this run is armed, and kept when it is not', () => {
  const armed = setUp()
  assert.equal(armed.desk.adopt(ATTACK, [held(ATTACK, 'announced', 'dry-run')]), false)
  assert.deepEqual([...armed.script.words, ...armed.dryRun.words, ...armed.store.active()], [])
  assert.equal(armed.desk.opened(ATTACK, []).kind, 'act')

  const dry = setUp({ armed: false })
  assert.equal(dry.desk.adopt(ATTACK, [held(ATTACK, 'announced', 'dry-run')]), true)
})

test('what an enforcer did that is no longer configured is told, not silently forgotten', async () => {
  const { desk, store } = setUp()
  desk.adopt(ATTACK, [held(ATTACK, 'announced', 'gobgp')])
  desk.ended(ended(ATTACK))
  await desk.settled()

  assert.equal(store.audit()[0]!.outcome, 'failed')
  assert.match(store.audit()[0]!.reason, /gobgp is not configured any more/)
})

test('what an enforcer gives up because the daemon stops is asked again by the next run', async () => {
  const { desk, store, script } = setUp()
  const other = exampleAttack({ id: 'b', host: '192.0.2.2' })
  desk.opened(ATTACK, [])
  desk.opened(other, [])
  await script.answer()
  desk.ended(ended(other))
  const third = exampleAttack({ id: 'c', host: '192.0.2.3' })
  desk.opened(third, [])

  desk.stopping()
  await script.answer(FAILED, FAILED)

  assert.deepEqual(
    store.active().map(({ id, state }) => [id, state]),
    [
      ['example-1.0', 'announced'],
      ['b.0', 'withdrawing'],
      ['c.0', 'pending'],
    ],
  )
})
