import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import type { Distilled } from '#5-evidence/distill/distillation.ts'
import { INSEPARABLE, proposedOf, someRules } from '#6-policy/distilled-rules-for-tests.ts'
import { compilePlaybooks } from '#6-policy/playbook.ts'
import { playbookSchema } from '#6-policy/playbook-config.ts'
import { bookOf, ATTACK as EXAMPLE, ended, FAILED, FakeEnforcer, setUp } from './desk-for-tests.ts'

/** Discards, and blackholes after two minutes. */
const PLAYBOOKS = compilePlaybooks([
  playbookSchema.parse({
    name: 'udp',
    steps: [
      { name: 'discard', actions: [{ kind: 'discard' }] },
      {
        name: 'drop',
        actions: [{ kind: 'blackhole' }],
        escalateAfter: { seconds: 120, minimumConfidence: 0 },
      },
    ],
  }),
])
const ATTACK: OpenAttack = { ...EXAMPLE, openedAt: 1000 }
const FROM_53 = 'destination 192.0.2.1/32 protocol =udp source-port =53 then discard'
const FROM_123 = 'destination 192.0.2.1/32 protocol =udp source-port =123 then discard'
const BY_TYPE = 'destination 192.0.2.1/32 protocol =udp then discard'

function distilling() {
  const gobgp = new FakeEnforcer('gobgp', ['filter', 'blackhole', 'divert'])
  const made = setUp(
    {
      ...{ playbooks: PLAYBOOKS, enforcers: [gobgp], isDistilling: true },
      announcements: [
        { enforcer: 'gobgp', family: 4, scope: 'host', nextHop: '192.0.2.66', communities: [] },
      ],
    },
    [gobgp],
  )
  const book = bookOf(ATTACK)
  const second = (at: number) => {
    made.clock.now = 1000 + at * 1000
    made.desk.expire(book)
  }
  const propose = (distilled: Distilled) => {
    const proposed = proposedOf(distilled)
    book.proposed(ATTACK.id, proposed)
    made.desk.proposed(ATTACK.id, proposed, book)
  }
  const open = () => {
    made.desk.proposals.sought(ATTACK, ATTACK.openedAt, false)
    return made.desk.opened(ATTACK, [])
  }
  const held = () =>
    made.store
      .ofAttack(ATTACK.id)
      .filter(({ state }) => ['pending', 'announced', 'escalated', 'failed'].includes(state))
      .map(({ action, state }) => `${action.kind === 'filter' ? action.rule : action.kind}: ${state}`)
      .sort()
  return { ...made, gobgp, book, second, propose, open, held }
}

test('an attack waits a moment for its rules, and they are announced as soon as they are there', async () => {
  const { open, propose, held, gobgp, store } = distilling()

  const decision = open()
  assert.equal(decision.kind, 'nothing')
  propose(someRules(FROM_53))
  await gobgp.answer()

  assert.deepEqual(held(), [`${FROM_53}: announced`])
  const [mitigation] = store.ofAttack(ATTACK.id)
  assert.match(mitigation!.reason, /distilled from its packets: takes 99\.6 %/)
})

test('rules that are late are not waited for', async () => {
  const { open, second, held, propose, gobgp } = distilling()
  open()

  second(2)
  assert.deepEqual(held(), [])
  second(3)
  assert.deepEqual(held(), [`${BY_TYPE}: pending`])
  await gobgp.answer()
  propose(someRules(FROM_53))
  await gobgp.answer()
  second(4)
  await gobgp.answer()

  assert.deepEqual(held(), [`${FROM_53}: announced`])
})

test('when the rules follow the flood the new ones are there before the old ones go', async () => {
  const { open, second, propose, held, gobgp } = distilling()
  open()
  propose(someRules(FROM_53))
  await gobgp.answer()

  propose(someRules(FROM_123))
  assert.deepEqual(held(), [`${FROM_123}: pending`, `${FROM_53}: escalated`])
  second(1)
  assert.deepEqual(gobgp.words, ['announce', 'announce'])
  await gobgp.answer(FAILED)
  second(2)
  assert.deepEqual(held(), [`${FROM_123}: failed`, `${FROM_53}: escalated`])
  gobgp.hear(gobgp.asked[1]!.mitigation.id, { kind: 'done' })
  second(3)
  await gobgp.answer()

  assert.deepEqual(held(), [`${FROM_123}: announced`])
  assert.deepEqual(gobgp.words, ['announce', 'announce', 'withdraw'])
})

test('a rule that nobody has answered for when others take its place does not stay', async () => {
  const { open, second, propose, held, gobgp } = distilling()
  open()
  propose(someRules(FROM_53))
  propose(someRules(FROM_123))
  await gobgp.answer()
  second(1)
  await gobgp.answer()

  assert.deepEqual(held(), [`${FROM_123}: announced`])
})

test('the same rules with other figures change nothing', async () => {
  const { open, propose, gobgp, second } = distilling()
  open()
  propose(someRules(FROM_53))
  await gobgp.answer()
  for (let at = 1; at < 20; at++) {
    propose(someRules(FROM_53))
    second(at)
  }

  assert.deepEqual(gobgp.words, ['announce'])
})

test('where nothing tells the flood from honest traffic the next step is taken at once, and no rule is announced', async () => {
  const { open, propose, held, gobgp, book } = distilling()
  open()
  propose(INSEPARABLE)
  await gobgp.answer()

  assert.deepEqual(held(), ['blackhole: announced'])
  assert.match(book.get(ATTACK.id)!.decision, /past step discard to step drop at once/)
})

test('after a restart what is held stays until rules are known again', async () => {
  const first = distilling()
  first.open()
  first.propose(someRules(FROM_53))
  await first.gobgp.answer()
  const { desk, second, held, propose, gobgp } = distilling()

  assert.equal(desk.adopt(ATTACK, first.store.ofAttack(ATTACK.id)), true)
  for (let at = 1; at < 30; at++) second(at)
  assert.deepEqual(held(), [`${FROM_53}: announced`])
  propose(someRules(FROM_123))
  await gobgp.answer()
  second(31)
  await gobgp.answer()

  assert.deepEqual(held(), [`${FROM_123}: announced`])
})

test('what is proposed against an attack that is over is not heard', async () => {
  const { desk, open, propose, held, gobgp } = distilling()
  open()
  propose(someRules(FROM_53))
  await gobgp.answer()
  desk.ended(ended(ATTACK))
  await gobgp.answer()

  propose(someRules(FROM_123))

  assert.deepEqual(held(), [])
})

test('who gets the packets of an attack gets the rules they suggest', async () => {
  const { desk, open, propose, gobgp } = distilling()
  open()
  propose(someRules(FROM_53))
  await gobgp.answer()

  desk.evidence(ATTACK, [])

  const told = gobgp.asked.at(-1)
  assert.equal(told?.what, 'amend')
  assert.deepEqual(told?.briefing.proposed, proposedOf(someRules(FROM_53)))
})
