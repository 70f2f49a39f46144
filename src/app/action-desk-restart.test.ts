import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { ATTACK, ended, FAILED, setUp } from './desk-for-tests.ts'

const held = (
  attack: OpenAttack,
  state: 'pending' | 'announced' | 'withdrawing',
  enforcer = 'script',
): Mitigation => {
  const facts = {
    ...{ id: `${attack.id}.0`, attackId: attack.id, target: attack.host, enforcer, reason: 'because' },
    ...{
      action: { kind: 'script', path: '/bin/notify' } as const,
      ...EXAMPLE_LIFE,
      createdAt: 0,
      expiresAt: 1e12,
    },
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
