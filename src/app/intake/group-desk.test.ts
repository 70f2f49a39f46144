import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { GroupRules } from '#6-policy/signal-groups.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { GroupDesk } from './group-desk.ts'

const RULES: GroupRules = {
  ...{
    isEnabled: true,
    windowSeconds: 300,
    minSources: 2,
    threshold: 0.5,
    usualWeight: 1,
    halfLifeSeconds: 0,
  },
  sources: new Map([['router', { weight: 1, mode: 'corroborating', dimensions: ['pop'], confidences: {} }]]),
}

const event = (host: string, source = 'a'): ForeignEvent => ({
  ...{
    source,
    at: 0,
    action: 'ban',
    host,
    direction: 'incoming',
    vector: 'udp_flood',
    ports: [],
    confidence: 0.9,
  },
})

const deskWith = (bounds: object) =>
  new GroupDesk({ rules: () => RULES, surroundingsOf: () => ({ pop: 'p1' }), now: () => 0, bounds })

test('at its bounds the oldest group is closed, and closed ones are forgotten', () => {
  const desk = deskWith({ open: 2, closed: 1 })

  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) desk.admit(event(host), host)

  assert.deepEqual(
    desk
      .list()
      .map(({ host, status }) => `${host} ${status}`)
      .sort(),
    ['192.0.2.2 expired', '192.0.2.3 open', '192.0.2.4 open'],
  )
  assert.deepEqual([desk.counts.dropped, desk.counts.expired], [2, 2])
})

test('signals of a group and corroborators that wait have a bound', () => {
  const desk = deskWith({ signals: 3, waiting: 2 })
  for (let told = 0; told < 3; told++)
    desk.corroborate({ source: 'router', about: { pop: 'p9' }, confidence: 1 })
  for (let told = 0; told < 5; told++) desk.admit(event('192.0.2.1'), `e${told}`)

  assert.equal(desk.waiting.length, 2)
  assert.equal(desk.list()[0]?.signals.length, 3)
  assert.equal(desk.counts.dropped, 1 + 2)
})

test('who repeats himself until a group is full silences nobody else', () => {
  const desk = deskWith({ signals: 3 })
  for (let told = 0; told < 9; told++) desk.admit(event('192.0.2.1'), `e${told}`)

  const second = desk.admit(event('192.0.2.1', 'b'), 'second')

  const [group] = desk.list()
  assert.deepEqual(
    group?.signals.map(({ source }) => source),
    ['a', 'a', 'b'],
  )
  assert.deepEqual(second, {
    kind: 'go',
    agreed: {
      ...{ groupId: group.id, confidence: group.verdict.confidence, sources: ['a', 'b'] },
      explanation: group.verdict.explanation,
    },
  })
})

test('of the source that said most the least sure signal goes, and of many sources the newest', () => {
  const desk = deskWith({ signals: 2 })
  for (const confidence of [0.2, 0.9, 0.1])
    desk.admit({ ...event('192.0.2.1'), confidence }, String(confidence))
  for (const source of ['a', 'b', 'c']) desk.admit(event('192.0.2.2', source), source)

  const idsOf = (host: string) =>
    desk
      .list()
      .find(group => group.host === host)
      ?.signals.map(({ id }) => id)
  assert.deepEqual(idsOf('192.0.2.1'), ['0.2', '0.9'])
  assert.deepEqual(idsOf('192.0.2.2'), ['a', 'b'])
})

/** A run of it over documents that an earlier one may have left. */
function runOf(documents: DocumentShelf, now = 0, bounds = {}) {
  const clock = { now }
  const about = { rules: () => RULES, surroundingsOf: () => ({ pop: 'p1' }) }
  return { desk: new GroupDesk({ ...about, documents, bounds, now: () => clock.now }), clock }
}

const idsIn = (documents: DocumentShelf) => [...documents.every()].map(({ kind, id }) => `${kind} ${id}`)

test('what is open is kept as long as its window, and of what is closed so many as there is room for', () => {
  const documents = new DocumentShelf()
  const { desk, clock } = runOf(documents, 0, { open: 2, waiting: 2, closedKept: 1 })
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) desk.admit(event(host), host)
  for (let told = 0; told < 3; told++)
    desk.corroborate({ source: 'router', about: { pop: 'p9' }, confidence: 1 })

  const open = idsIn(documents)
  clock.now = 300_001
  desk.expire()

  const [newest, older, oldest] = ['192.0.2.3', '192.0.2.2', '192.0.2.1'].map(
    host => `signal-group ${desk.list().find(one => one.host === host)?.id}`,
  )
  assert.deepEqual(open.slice(0, 3), [oldest, older, newest])
  assert.equal(open.length, 5)
  assert.deepEqual(idsIn(documents), [newest])
})

test('what an earlier run left is taken up beside what came before the state could be read', () => {
  const documents = new DocumentShelf()
  const before = runOf(documents)
  before.desk.admit(event('192.0.2.1', 'a'), 'first')
  before.desk.admit(event('192.0.2.2', 'a'), 'second')
  before.desk.admit(event('192.0.2.2', 'b'), 'third')
  const left = [...documents.every()]
  const late = new DocumentShelf()
  const { desk } = runOf(late, 100_000)
  const meanwhile = desk.admit(event('192.0.2.1', 'b'), 'meanwhile')
  for (const { kind, id, value } of left) late.recall(kind, id, JSON.parse(JSON.stringify(value)))
  late.recall('signal-group', 'strange', { host: 7 })

  desk.adopt()
  desk.adopt()
  const again = desk.admit(event('192.0.2.1', 'b'), 'again')
  const met = desk.admit(event('192.0.2.2', 'c'), 'met')

  assert.ok(meanwhile.kind === 'wait')
  assert.ok(again.kind === 'go')
  assert.deepEqual([again.agreed?.groupId, again.agreed?.sources], [meanwhile.groupId, ['a', 'b']])
  assert.deepEqual(met.kind === 'go' && met.agreed?.sources, ['a', 'b', 'c'])
  const signals = desk.list().map(({ host, signals: said }) => [host, said.map(({ id }) => id).sort()])
  assert.deepEqual(Object.fromEntries(signals), {
    '192.0.2.1': ['again', 'first', 'meanwhile'],
    '192.0.2.2': ['met', 'second', 'third'],
  })
  assert.equal(idsIn(late).length, 2)
})

test('a playbook may demand more or less than holds for all, also after a restart', () => {
  const documents = new DocumentShelf()
  const demandsOf = ({ vector }: ForeignEvent) =>
    vector === 'syn_flood' ? { minSources: 1 } : { threshold: 0.99 }
  const about = { rules: () => RULES, surroundingsOf: () => ({}), now: () => 0, documents, demandsOf }
  const desk = new GroupDesk(about)

  const alone = desk.admit({ ...event('192.0.2.1'), vector: 'syn_flood' }, 'alone')
  desk.admit({ ...event('192.0.2.2'), confidence: 0.7 }, 'first')
  const unsure = desk.admit({ ...event('192.0.2.2', 'b'), confidence: 0.7 }, 'second')
  const after = new GroupDesk(about)
  after.adopt()
  const [left] = after
    .list()
    .filter(({ host }) => host === '192.0.2.2')
    .map(({ demands, verdict }) => ({ demands, isMet: verdict.isMet }))
  const sure = after.admit({ ...event('192.0.2.2', 'c'), confidence: 0.95 }, 'third')

  assert.deepEqual([alone.kind, unsure.kind, sure.kind], ['go', 'wait', 'go'])
  assert.deepEqual(left, { demands: { threshold: 0.99 }, isMet: false })
})

test('those that are closed are shown after a restart as they were', () => {
  const documents = new DocumentShelf()
  const { desk, clock } = runOf(documents)
  desk.admit(event('192.0.2.1', 'a'), 'first')
  desk.admit(event('192.0.2.2', 'a'), 'second')
  desk.admit(event('192.0.2.2', 'b'), 'third')
  clock.now = 300_001
  const before = JSON.parse(JSON.stringify(desk.list()))

  const after = runOf(documents, 400_000, { closedKept: 1 })
  after.desk.adopt()
  after.desk.adopt()

  assert.deepEqual(
    desk.list().map(({ host, status }) => [host, status]),
    [
      ['192.0.2.1', 'expired'],
      ['192.0.2.2', 'resolved'],
    ],
  )
  assert.deepEqual(after.desk.list(), before)
  assert.deepEqual(after.desk.get(before[0].id), before[0])
  assert.equal(idsIn(documents).length, 1)
  assert.deepEqual(after.desk.counts, { groups: 0, met: 0, expired: 0, attached: 0, dropped: 0 })
})
