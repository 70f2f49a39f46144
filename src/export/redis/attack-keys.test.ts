import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import { examplePackets } from '#5-evidence/example.ts'
import type { Decision } from '#6-policy/decide.ts'
import { SILENT } from '#lib/log/logger.ts'
import { until } from '../../../test/until.ts'
import { attackForTests } from './attack-for-tests.ts'
import { AttackKeys, type AttackKeysOptions } from './attack-keys.ts'
import { redisSchema } from './config.ts'

const ACT: Decision = { kind: 'act', actions: [], reasons: [] }
const NOTHING: Decision = { kind: 'nothing', reason: 'no script' }

/** Keys that wait for a server that is not there. */
async function waitingAfter(
  attack: OpenAttack,
  decision: Decision,
  { armed = true, config = {} }: { armed?: boolean; config?: object } = {},
): Promise<number> {
  const keys = keysTo({ armed, config: redisSchema.parse(config) })
  keys.opened(attack, decision, [])
  const waiting = waitingIn(keys)
  await keys.stop(30_000)
  return waiting
}

/** Towards a server that is not there. */
const keysTo = (changes: Partial<AttackKeysOptions> = {}): AttackKeys =>
  new AttackKeys({
    server: { host: '127.0.0.1', port: 1 },
    config: redisSchema.parse({}),
    style: { recordCount: 5, addressForm: 'canonical', localTime: String },
    ...{ armed: true, log: SILENT, ...changes },
  })

const waitingIn = (keys: AttackKeys): number =>
  [...keys.metrics()].find(({ name }) => name === 'floodwarden_redis_keys_waiting')!.value

test('a ban is written, with or without a script to call', async () => {
  assert.equal(await waitingAfter(attackForTests(), ACT), 1)
  assert.equal(await waitingAfter(attackForTests(), NOTHING), 1)
  assert.equal(await waitingAfter(attackForTests({ origin: 'manual' }), ACT), 2)
})

test('nothing is written that is not acted on, because readers may act too', async () => {
  const attack = attackForTests()

  assert.equal(await waitingAfter(attack, { kind: 'refused', refusals: [] }), 0)
  assert.equal(await waitingAfter(attack, { kind: 'dry-run', would: [], reasons: [] }), 0)
  assert.equal(await waitingAfter(attack, NOTHING, { armed: false }), 0)
})

test('prefixes are written only when that is asked for', async () => {
  const attack = attackForTests({ scope: 'prefix', host: '10.99.0.0/24' })

  assert.equal(await waitingAfter(attack, ACT), 0)
  assert.equal(await waitingAfter(attack, ACT, { config: { prefixes: true } }), 1)
})

test('what waits is left to the next one, which knows the open attacks and writes only when the one before has ended', async () => {
  const attack = attackForTests()
  const first = keysTo()
  first.opened(attack, ACT, [])
  const left = first.leave()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const failures = (keys: AttackKeys) =>
    [...keys.metrics()].find(({ name }) => name === 'floodwarden_redis_failures_total')!.value

  const next = keysTo({ left: { ...left, ended } })
  next.evidence(attack, examplePackets(3))
  const stranger = keysTo()
  stranger.evidence(attack, examplePackets(3))
  await new Promise(resolve => setTimeout(resolve, 50))

  assert.deepEqual([first, next, stranger].map(waitingIn), [0, 2, 0])
  assert.equal(failures(next), 0)
  end()
  await until(() => failures(next) === 1)
  await next.stop(30_000)
})
