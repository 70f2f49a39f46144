import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { isActive } from '#7-mitigation/mitigation.ts'
import type { Caller } from '#api/control.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { contextOf, runIntake } from '../intake/intake-for-tests.ts'
import { AddedSafelist } from './added-safelist.ts'
import { Reach } from './reach.ts'
import { SafelistRoom } from './safelist-room.ts'

const OPERATOR: Caller = { uid: 1000, pid: 1 }
const CONFINED: Caller = {
  ...OPERATOR,
  identity: { kind: 'user', name: 'ann', id: '1', role: 'operator', customers: ['c1'] },
}

const reported = (host: string): ForeignEvent => ({
  ...{ source: 'fnm', externalId: host, at: 0, action: 'ban', host, direction: 'incoming' },
  ...{ vector: 'udp_flood', ports: [], confidence: 0.9 },
})

async function setUp(t: TestContext, directory = temporaryFolder(t)) {
  const intake = await runIntake(t, { directory })
  const released: string[] = []
  const room = new SafelistRoom({
    ...{ documents: intake.documents, store: intake.store, now: () => intake.clock.now },
    configured: () => [{ prefix: '203.0.113.250/32', reason: 'router' }],
    reach: new Reach(() => intake.desk.decisionContext.inventory),
    apply: () =>
      intake.desk.reconfigure(
        { maximumSeconds: 86_400, context: contextOf({ safelist: room.entries() }) },
        intake.book,
      ),
    release: attackId => released.push(attackId),
  })
  const active = () => intake.store.active().filter(isActive).length
  return { ...intake, room, released, directory, active }
}

test('an entry holds at once: what is done inside is taken back, and nothing begins there', async t => {
  const { room, events, desk, active, store } = await setUp(t)
  await events.receive(reported('203.0.113.7'))
  await events.receive(reported('203.0.113.99'))
  await desk.settled()
  assert.equal(active(), 2)

  const added = await room.add({ prefix: '203.0.113.0/28', reason: 'resolvers' }, OPERATOR)
  await desk.settled()
  const again = await events.receive(reported('203.0.113.8'))

  assert.equal(added.kind, 'done')
  assert.deepEqual(
    store.active().map(({ target }) => target),
    ['203.0.113.99'],
  )
  assert.equal(again.kind === 'refused' && again.refusals[0]?.rail, 'safelist')
  assert.match(again.kind === 'refused' ? again.refusals[0]!.reason : '', /resolvers/)
  const audited = store.audit().filter(({ what }) => what === 'safelist')
  assert.deepEqual(
    audited.map(({ who, target, reason }) => [who, target, reason]),
    [['uid:1000', '203.0.113.0/28', 'added: resolvers']],
  )
})

test('what is only held down inside a new entry is released', async t => {
  const { room, events, desk, released, store } = await setUp(t)
  const opened = await events.receive(reported('203.0.113.7'))
  await desk.settled()
  const [mitigation] = store.active()

  store.put({ ...mitigation!, state: 'ending', announcedAt: 1, heldUntil: Date.now() + 60_000 })
  await room.add({ prefix: '203.0.113.7', reason: 'test' }, OPERATOR)

  assert.ok('attackId' in opened && released.includes(opened.attackId!))
})

test('entries are kept over a restart, end by themselves, and can be removed before', async t => {
  const directory = temporaryFolder(t)
  const first = await setUp(t, directory)
  await first.room.add({ prefix: '203.0.113.7', reason: 'a while', ttlSeconds: 60 }, OPERATOR)
  await first.room.add({ prefix: '2001:DB8::/64', reason: 'for ever' }, OPERATOR)
  await first.close()

  const second = await setUp(t, directory)
  const kept = second.room.list(OPERATOR).safelist.map(({ prefix, from }) => `${prefix} ${from}`)
  second.clock.now += 61_000
  second.room.tick()
  const left = second.room.list(OPERATOR).safelist.map(({ prefix }) => prefix)
  const removed = await second.room.remove('2001:db8::/64', OPERATOR)
  const configured = await second.room.remove('203.0.113.250', OPERATOR)
  const unknown = await second.room.remove('203.0.113.7', OPERATOR)
  const past = await second.room.add(
    { prefix: '203.0.113.7', reason: 'x', expiresAt: '2020-01-01T00:00:00Z' },
    OPERATOR,
  )

  assert.deepEqual(kept, ['203.0.113.250/32 configuration', '203.0.113.7/32 added', '2001:db8::/64 added'])
  assert.deepEqual(left, ['203.0.113.250/32', '2001:db8::/64'])
  assert.equal(removed.kind, 'done')
  assert.equal(configured.kind === 'refused' && configured.code, 'configured-entry')
  assert.equal(unknown.kind === 'refused' && unknown.code, 'not-safelisted')
  assert.equal(past.kind === 'refused' && past.code, 'ends-in-the-past')
})

test('whoever is confined sees and touches what is theirs alone', async t => {
  const { room } = await setUp(t)
  await room.add({ prefix: '198.51.100.0/24', reason: 'not theirs' }, OPERATOR)

  const seen = room.list(CONFINED).safelist.map(({ prefix }) => prefix)
  const foreign = await room.add({ prefix: '198.51.100.1', reason: 'x' }, CONFINED)
  const removed = await room.remove('198.51.100.0/24', CONFINED)
  const own = await room.add({ prefix: '203.0.113.9', reason: 'ours' }, CONFINED)

  assert.deepEqual(seen, ['203.0.113.250/32'])
  assert.equal(foreign.kind === 'refused' && foreign.code, 'outside-networks')
  assert.equal(removed.kind === 'refused' && removed.code, 'not-safelisted')
  assert.equal(own.kind === 'done' && own.value.addedBy, 'user:ann')
})

test('what cannot be read keeps protecting, and is told', async t => {
  const { room, documents, events } = await setUp(t)
  documents.recall('safelist', '203.0.113.7/32', { reason: 7 })
  const broken = new AddedSafelist(new DocumentShelf())

  const [entry] = room.entries()
  const problems = room.problems()
  documents.recall('safelist', 'nonsense', null)
  await room.add({ prefix: '203.0.113.200', reason: 'applies it' }, OPERATOR)
  const nothing = await events.receive(reported('203.0.113.99'))
  const mended = await room.remove('nonsense', OPERATOR)

  assert.deepEqual(broken.problems(), [])
  assert.deepEqual(entry, { prefix: '203.0.113.7/32', reason: 'an entry that cannot be read' })
  assert.match(problems[0] ?? '', /203\.0\.113\.7\/32.*never touched/)
  assert.equal(nothing.kind, 'refused')
  assert.equal(mended.kind, 'done')
  assert.equal((await events.receive(reported('203.0.113.99'))).kind, 'accepted')
})
