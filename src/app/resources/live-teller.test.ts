import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOTAL_WORDS } from '#3-traffic/host-tables.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { auditOf } from '#7-mitigation/audit.ts'
import { EXAMPLE_PROFILE } from '#api/contract/examples-protection.ts'
import { EXAMPLE_RULE } from '#api/contract/examples-resources.ts'
import { liveMessageSchema } from '#api/contract/live.ts'
import { LiveFeed } from '#api/live/live-feed.ts'
import { AttackBook } from '../attack-book.ts'
import { ATTACK, setUp as deskWith, ended } from '../desk-for-tests.ts'
import { keepersOf, LiveTeller } from './live-teller.ts'

function setUp() {
  const feed = new LiveFeed()
  const book = new AttackBook()
  const { store, desk } = deskWith()
  const totals = { counts: new Float64Array(TOTAL_WORDS), averages: new Float64Array(TOTAL_WORDS) }
  const teller = new LiveTeller({ feed, book, store: () => store, facts: () => ({ totals, wallMs: 1000 }) })
  const heard: { kind: string; targets: readonly string[] }[] = []
  const stop = feed.subscribe(news => {
    liveMessageSchema.parse(JSON.parse(news.text()))
    heard.push({ kind: news.kind, targets: news.targets })
  })
  const kinds = () => heard.splice(0).map(({ kind }) => kind)
  return { feed, book, store, desk, teller, kinds, stop, heard }
}

test('attacks are told when they open, once a second while they change, and when they end', () => {
  const { teller, desk, book, kinds, heard } = setUp()
  const decision = desk.decide(ATTACK)
  book.opened(ATTACK, 'decided', [])

  teller.opened(ATTACK, decision)
  const { targets } = heard[0]!
  teller.updated({ ...ATTACK, peak: 2 })
  teller.updated({ ...ATTACK, peak: 3 })
  const atOnce = kinds()
  teller.second()
  const afterASecond = kinds()
  teller.updated(ATTACK)
  teller.ended(ended(ATTACK))
  teller.second()

  assert.deepEqual(targets, ATTACK.prefixes)
  assert.deepEqual(atOnce, ['attack-opened'])
  assert.deepEqual(afterASecond, ['attack-updated', 'traffic'])
  assert.deepEqual(kinds(), ['attack-ended', 'traffic'])
})

test('of a storm so many are told, and then that lists are to be asked for', () => {
  const { teller, desk, kinds } = setUp()
  const decision = desk.decide(ATTACK)

  for (let at = 0; at < 600; at++) teller.opened(exampleAttack({ id: `a-${at}` }), decision)
  teller.second()
  const told = kinds()
  teller.opened(ATTACK, decision)

  assert.equal(told.filter(kind => kind === 'attack-opened').length, 500)
  assert.equal(told.at(-1), 'resync')
  assert.deepEqual(kinds(), ['attack-opened'])
})

test('each change of a mitigation is told beside what keeps it', () => {
  const { teller, desk, store, kinds, stop, feed } = setUp()
  const kept: string[] = []
  const keeper = keepersOf(
    { keepMitigation: ({ id }) => kept.push(id), record: ({ what }) => kept.push(what) },
    teller,
  )
  desk.opened(ATTACK, [])
  const [mitigation] = store.active()
  const entry = auditOf(mitigation!, { at: 1, who: 'floodwarden', what: 'announce', outcome: 'done' })

  keeper.keepMitigation(mitigation!)
  keeper.record(entry)
  const told = kinds()
  stop()
  keeper.keepMitigation(mitigation!)
  teller.second()

  assert.deepEqual(told, ['mitigation-changed'])
  assert.deepEqual(kept, [mitigation!.id, entry.what, mitigation!.id])
  assert.deepEqual([kinds(), feed.isHeard], [[], false])
})

test('a rule by a person is told to whoever may see its target', () => {
  const { teller, heard } = setUp()

  teller.rule(EXAMPLE_RULE)

  assert.deepEqual(heard, [{ kind: 'rule-changed', targets: [EXAMPLE_RULE.target] }])
})

test('a protection profile is told to whoever may see all that it covers', () => {
  const { teller, heard } = setUp()

  teller.profile(EXAMPLE_PROFILE)
  teller.profile({ ...EXAMPLE_PROFILE, isDefault: true })

  assert.deepEqual(heard, [
    { kind: 'protection-changed', targets: EXAMPLE_PROFILE.prefixes },
    { kind: 'protection-changed', targets: ['0.0.0.0/0', '::/0'] },
  ])
})
