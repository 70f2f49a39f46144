import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, examplePackets } from '#5-evidence/example.ts'
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

test('what another rail refuses does not wait for room', () => {
  const { desk } = setUp({ networks: [parsePrefix('10.0.0.0/8')!] })
  desk.opened(ATTACK, [])

  assert.equal(desk.cappedCount, 0)
})
