import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import { compilePlaybooks } from '#6-policy/playbook.ts'
import { playbookSchema } from '#6-policy/playbook-config.ts'
import { bookOf, DONE, ATTACK as EXAMPLE, ended, FAILED, FakeEnforcer, setUp } from './desk-for-tests.ts'

const SECOND = 1000

/** Rate-limits and calls the script, after 60 s blackholes and calls the script, and goes back when the flood shrinks. */
const PLAYBOOKS = compilePlaybooks([
  playbookSchema.parse({
    name: 'udp',
    match: { vectors: ['udp_flood'] },
    steps: [
      {
        name: 'limit',
        actions: [{ kind: 'rate-limit', bitsPerSecond: 5e6 }, { kind: 'script' }],
        ttlSeconds: 300,
      },
      {
        name: 'drop',
        actions: [{ kind: 'script' }, { kind: 'blackhole' }],
        ttlSeconds: 600,
        escalateAfter: { seconds: 60, minimumConfidence: 0 },
      },
    ],
    deescalate: { belowShare: 0.5, seconds: 30 },
  }),
])

const ATTACK: OpenAttack = { ...EXAMPLE, openedAt: SECOND }

function ladder() {
  const gobgp = new FakeEnforcer('gobgp', ['filter', 'blackhole', 'divert'])
  const made = setUp(
    {
      playbooks: PLAYBOOKS,
      enforcers: [gobgp],
      announcements: [
        { enforcer: 'gobgp', family: 4, scope: 'host', nextHop: '192.0.2.66', communities: [] },
      ],
    },
    [gobgp],
  )
  const book = bookOf(ATTACK)
  const second = async (at: number, changes: Partial<Pick<OpenAttack, 'speed' | 'isOver'>> = {}) => {
    const attack = book.get(ATTACK.id)?.attack
    assert.equal(attack?.state, 'open')
    if (Object.keys(changes).length > 0) book.updated({ ...attack, ...changes })
    made.clock.now = SECOND + at * SECOND
    made.desk.expire(book)
  }
  const held = () =>
    made.store
      .active()
      .map(({ action, state, step }) => `${step} ${action.kind} ${state}`)
      .sort()
  const answer = async (...outcomes: Parameters<FakeEnforcer['answer']>) => {
    await gobgp.answer(...outcomes)
    await made.script.answer()
  }
  return { ...made, gobgp, book, second, held, answer }
}

test('an attack goes up when it lasts: what both steps want stays, the new is there before the old goes', async () => {
  const { desk, script, gobgp, second, held, answer } = ladder()
  desk.opened(ATTACK, [])
  await answer()
  assert.deepEqual(held(), ['0 filter announced', '0 script announced'])

  await second(59)
  assert.deepEqual(held(), ['0 filter announced', '0 script announced'])
  await second(60)
  assert.deepEqual(held(), ['0 filter escalated', '1 blackhole pending', '1 script announced'])
  assert.deepEqual(gobgp.words, ['announce', 'announce'])

  await second(61)
  assert.deepEqual(gobgp.words, ['announce', 'announce'])
  await answer()
  await second(62)
  await answer()
  assert.deepEqual(held(), ['1 blackhole announced', '1 script announced'])
  assert.deepEqual(gobgp.words, ['announce', 'announce', 'withdraw'])
  assert.deepEqual(script.words, ['announce'])
})

test('as long as the next step cannot be had, the one before protects, and its TTL goes on', async () => {
  const { desk, second, held, answer, gobgp } = ladder()
  desk.opened(ATTACK, [])
  await answer()
  await second(60)
  await answer(FAILED)
  for (let at = 61; at < 500; at++) await second(at)

  assert.deepEqual(held(), ['0 filter escalated', '1 blackhole failed', '1 script announced'])
  gobgp.hear(gobgp.asked[1]!.mitigation.id, DONE)
  await second(500)
  await answer()
  assert.deepEqual(held(), ['1 blackhole announced', '1 script announced'])
})

test('when the flood shrinks it goes down again, and is taken back when the attack is over', async () => {
  const { desk, book, second, held, answer } = ladder()
  desk.opened(ATTACK, [])
  await answer()
  await second(60)
  await answer()
  await second(61)
  await answer()

  await second(100, { speed: 10_000 })
  await second(129)
  assert.deepEqual(held(), ['1 blackhole announced', '1 script announced'])
  await second(130)
  await answer()
  await second(131)
  await answer()
  assert.deepEqual(held(), ['0 filter announced', '0 script announced'])

  const over = ended(book.open[0]!)
  book.ended(over)
  desk.ended(over)
  await answer()
  assert.deepEqual(held(), [])
})

test('after a restart an attack stands where it stood, and nothing is announced twice', async () => {
  const before = ladder()
  before.desk.opened(ATTACK, [])
  await before.answer()
  await before.second(60)
  await before.answer()
  await before.second(61)
  await before.answer()
  const left = before.store.active()

  const after = ladder()
  after.clock.now = SECOND + 70 * SECOND
  assert.equal(after.desk.adopt(ATTACK, left), true)
  await after.second(71)
  await after.second(400)

  assert.deepEqual(after.held(), ['1 blackhole announced', '1 script announced'])
  assert.deepEqual(after.gobgp.words, [])
})

test('a prefix that comes onto the safelist is let go at once', async () => {
  const { desk, book, held, answer, second, settings } = ladder()
  desk.opened(ATTACK, [])
  await answer()

  desk.reconfigure({ ...settings, context: { ...settings.context, safelist: [SAFE] } }, book)
  await answer()
  await second(1)

  assert.deepEqual(held(), [])
})

const SAFE = { prefix: EXAMPLE.prefixes[0]!, reason: 'a customer without limits' }

test('against a host of ours that attacks one other, the rule names both ends; when nobody stands out there is none', async () => {
  const outgoing: OpenAttack = { ...ATTACK, direction: 'outgoing' }
  const flow = { protocol: 'udp', direction: 'outgoing', host: ATTACK.host, hostPort: 5000 } as const
  const flows = [{ ...flow, remote: '203.0.113.9', remotePort: 80, bytes: 9000, packets: 90 }]
  const section = { direction: 'outgoing', protocol: 'udp', count: 1, flows } as const

  const known = ladder()
  known.desk.opened(outgoing, [section])
  const unknown = ladder()
  unknown.desk.opened(outgoing, [])

  const [filter] = known.store
    .active()
    .flatMap(({ action }) => (action.kind === 'filter' ? [action.rule] : []))
  assert.match(filter ?? '', /^destination 203\.0\.113\.9\/32 source 192\.0\.2\.1\/32 /)
  assert.deepEqual(unknown.held(), ['0 script pending'])
})
