import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, examplePackets } from '#5-evidence/example.ts'
import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { compilePlaybooks } from '#6-policy/playbook.ts'
import { playbooksSchema } from '#6-policy/playbook-config.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { ATTACK, bookOf, ended, setUp } from './desk-for-tests.ts'

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

test('what waits for room is asked again once in a turn, however often time is looked at', () => {
  const { desk, script, clock } = setUp({ policy: { bansMax: 100, bansPerMinute: 1 } })
  const attacks = [1, 2].map(at => exampleAttack({ id: `a-${at}`, host: `192.0.2.${at}` }))
  const book = bookOf(...attacks)
  for (const attack of attacks) desk.opened(attack, [])
  clock.now += 60_000

  desk.expire(book, { most: 10, isNewTurn: false })
  assert.equal(script.asked.length, 1)
  desk.expire(book, { most: 10, isNewTurn: true })

  assert.equal(script.asked.length, 2)
})

test('what another rail refuses does not wait for room', () => {
  const { desk } = setUp({ networks: [parsePrefix('10.0.0.0/8')!] })
  desk.opened(ATTACK, [])

  assert.equal(desk.cappedCount, 0)
})

const INVENTORY = buildInventory(
  inventorySchema.parse({
    customers: [
      { id: 'a', prefixes: ['192.0.2.0/28'] },
      { id: 'b', prefixes: ['192.0.2.16/28'] },
    ],
  }),
)

test('a customer without room waits, others do not, and nothing is told twice while it waits', async () => {
  assert.equal(INVENTORY.kind, 'ok')
  const { desk, store, dryRun, clock } = setUp({
    armed: false,
    ...(INVENTORY.kind === 'ok' && { inventory: INVENTORY.inventory }),
    policy: {
      bansMax: 100,
      bansPerMinute: 100,
      quotas: { global: {}, customer: { activeMax: 1 }, pop: {}, rulesMax: 9 },
    },
    scriptPath: undefined,
    announcements: [{ enforcer: 'gobgp', family: 4, scope: 'host', nextHop: '192.0.2.66', communities: [] }],
  })
  const attacks = [1, 2, 17].map(at => exampleAttack({ id: `a-${at}`, host: `192.0.2.${at}` }))
  const book = bookOf(...attacks)

  assert.deepEqual(
    attacks.map(attack => desk.opened(attack, []).kind),
    ['dry-run', 'refused', 'dry-run'],
  )
  assert.deepEqual(
    store.active().map(({ customer, target }) => `${customer} ${target}`),
    ['a 192.0.2.1', 'b 192.0.2.17'],
  )
  desk.expire(book)
  desk.expire(book)
  assert.equal(store.audit().filter(({ outcome }) => outcome === 'refused').length, 1)
  assert.equal(desk.cappedCount, 1)

  book.ended(ended(attacks[0]!))
  desk.ended(ended(attacks[0]!))
  await dryRun.answer()
  clock.now += 1000
  desk.expire(book)
  assert.equal(desk.cappedCount, 0)
  assert.match(book.get('a-2')!.decision, /^dry run, nothing is done for 192\.0\.2\.2/)
})

test('a playbook decides what begins, and nothing gets past the safelist', async () => {
  const playbooks = compilePlaybooks(
    playbooksSchema.parse([{ name: 'p', steps: [{ name: 's', actions: [{ kind: 'script' }] }] }]),
  )
  const { desk, script } = setUp({ playbooks, safelist: [{ prefix: '192.0.2.9/32', reason: 'resolver' }] })
  const decision = desk.opened(ATTACK, [])

  assert.equal(decision.playbook, 'p')
  assert.deepEqual(decision.ladder, { playbook: 'p', step: 0, sinceMs: 1000, calmSinceMs: undefined })
  assert.equal(desk.opened(exampleAttack({ id: 'x', host: '192.0.2.9' }), []).kind, 'refused')
  assert.deepEqual(script.words, ['announce'])
})
