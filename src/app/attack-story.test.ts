import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EndedAttack, factsOf } from '#4-detection/attack.ts'
import { AttackCounts } from '#4-detection/metrics.ts'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { proposedOf, someRules } from '#6-policy/distilled-rules-for-tests.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DryRun } from '#8-enforcement/dry-run/driver.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { Facts, Logger } from '#lib/log/logger.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk } from './action-desk.ts'
import { AttackBook } from './attack-book.ts'
import { AttackStory, type AttackWitness } from './attack-story.ts'

function setUp(witnesses: readonly AttackWitness[] = []) {
  const lines: string[] = []
  const write =
    (level: string) =>
    (message: string, facts: Facts = {}) => {
      lines.push(`${level} ${message} ${facts['host'] ?? ''}`)
    }
  const log: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  const store = new MitigationLedger()
  const book = new AttackBook()
  const desk = new ActionDesk({
    store,
    enforcers: [],
    dryRun: new DryRun(SILENT),
    maximumSeconds: 3600,
    context: {
      networks: [parsePrefix('192.0.2.0/24')!],
      whitelist: [],
      managementPrefixes: [],
      policy: { bansMax: 10, bansPerMinute: 10 },
      armed: false,
      scriptPath: '/bin/notify',
    },
    counts: new DecisionCounts(),
    log: SILENT,
    now: () => 1000,
  })
  const counts = new AttackCounts()
  return { story: new AttackStory({ desk, book, counts, log, witnesses }), desk, book, store, lines }
}

const ATTACK = exampleAttack()
const FACTS = factsOf(ATTACK)
const ENDED: EndedAttack = { ...FACTS, state: 'ended', endedAt: 2000, endedBy: 'finished' }

test('an attack is told to log, policy and book from its opening to its end', async () => {
  const { story, desk, book, store, lines } = setUp()

  story.tell([{ kind: 'opened', attack: ATTACK, flows: exampleFlows(1) }])
  assert.match(book.get('example-1')!.decision, /^dry run, nothing is done for 192\.0\.2\.1/)
  assert.equal(store.active().length, 1)
  story.tell([
    { kind: 'updated', attack: { ...ATTACK, peak: 50_000 } },
    { kind: 'evidence', attackId: ATTACK.id, packets: examplePackets(2) },
  ])
  assert.equal(book.get('example-1')!.attack.peak, 50_000)
  story.tell([{ kind: 'ended', attack: ENDED }])
  await desk.settled()

  assert.deepEqual(lines, [
    'info attack opened 192.0.2.1',
    'debug attack updated 192.0.2.1',
    'info attack ended 192.0.2.1',
  ])
  assert.equal(book.get('example-1')!.packets.length, 2)
  assert.equal(book.get('example-1')!.attack.state, 'ended')
  assert.deepEqual(store.active(), [])
})

test('packets of an attack that is over go to the book, and to no enforcer', async () => {
  const { story, desk, book, store } = setUp()
  story.tell([
    { kind: 'opened', attack: ATTACK, flows: [] },
    { kind: 'ended', attack: ENDED },
  ])
  await desk.settled()
  const entries = store.audit().length

  story.tell([{ kind: 'evidence', attackId: ATTACK.id, packets: examplePackets(2) }])
  await desk.settled()

  assert.equal(book.get('example-1')!.packets.length, 2)
  assert.equal(store.audit().length, entries)
})

test('whoever asked is named in the audit', async () => {
  const { story, desk, store } = setUp()

  story.tell([{ kind: 'opened', attack: ATTACK, flows: [] }], 'uid:1000')
  await desk.settled()

  assert.equal(store.audit()[0]!.who, 'uid:1000')
})

test('proposed rules are kept with the attack, and only others than before are told', () => {
  const told: string[] = []
  const witness: AttackWitness = {
    opened: () => {},
    evidence: () => {},
    updated: ({ id }) => told.push(id),
    ended: () => {},
  }
  const { story, book, desk, lines } = setUp([witness])
  const from = (port: number, at: number) => ({
    ...proposedOf(someRules(`destination 192.0.2.1/32 source-port =${port} then discard`)),
    at,
  })
  story.tell([{ kind: 'opened', attack: ATTACK, flows: [], isDistilled: true }])
  assert.equal(desk.proposals.of(ATTACK.id, ATTACK.openedAt)?.kind, 'sought')

  for (const proposed of [from(53, 1), from(53, 2), from(123, 3)])
    story.tell([{ kind: 'distilled', attackId: ATTACK.id, proposed }])

  assert.equal(book.get(ATTACK.id)?.proposed?.at, 3)
  assert.deepEqual(told, [ATTACK.id, ATTACK.id])
  assert.deepEqual(
    lines.filter(line => line.includes('proposed')),
    [
      'info rules proposed 192.0.2.1',
      'debug rules proposed again 192.0.2.1',
      'info rules proposed 192.0.2.1',
    ],
  )
  story.tell([{ kind: 'ended', attack: ENDED }])
  story.tell([{ kind: 'distilled', attackId: ATTACK.id, proposed: from(53, 4) }])
  assert.deepEqual([book.get(ATTACK.id)?.proposed?.at, told.length], [3, 2])
  assert.equal(desk.proposals.of(ATTACK.id, 0), undefined)
})
