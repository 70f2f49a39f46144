import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import type { Identity } from './contract/access.ts'
import { EXAMPLE_BAN } from './contract/examples.ts'
import type { Control } from './control.ts'
import { fakeControl } from './fake-control.ts'
import { IdempotencyKeys, idempotencyKeyOf, type KeyedRequest } from './idempotency.ts'
import { buildApi } from './server.ts'

const ANN: Identity = { kind: 'user', name: 'ann', id: 'u1', role: 'operator' }
const ANSWER = { status: 201, contentType: 'application/json', text: '{"a":1}' }

const request = (changes: Partial<KeyedRequest> = {}): KeyedRequest => ({
  ...{ identity: ANN, key: 'k1', method: 'POST', url: '/api/v1/bans', body: { host: 'a', seconds: 1 } },
  ...changes,
})

function claimNew(keys: IdempotencyKeys, changes: Partial<KeyedRequest> = {}) {
  const claim = keys.claim(request(changes))
  assert.ok(claim.kind === 'new')
  return claim
}

const metricOf = (keys: IdempotencyKeys, outcome: string) =>
  [...keys.metrics()].find(({ labels }) => labels?.['outcome'] === outcome)?.value
const forgottenOf = (keys: IdempotencyKeys) => [...keys.metrics()].at(-1)?.value

test('a request is done once and answered again, whatever the order of its fields', () => {
  const keys = new IdempotencyKeys(() => 0)

  const first = claimNew(keys)
  const meanwhile = keys.claim(request())
  first.done(ANSWER)
  const again = keys.claim(request({ body: { seconds: 1, host: 'a' } }))

  assert.equal(meanwhile.kind, 'in-progress')
  assert.deepEqual(again, { kind: 'again', answer: ANSWER })
  assert.deepEqual([metricOf(keys, 'in-progress'), metricOf(keys, 'again')], [1, 1])
})

test('other words under the same key are refused; the same key of somebody else is another one', () => {
  const keys = new IdempotencyKeys(() => 0)
  claimNew(keys).done(ANSWER)

  assert.equal(keys.claim(request({ body: { host: 'b' } })).kind, 'other')
  assert.equal(keys.claim(request({ url: '/api/v1/reload' })).kind, 'other')
  assert.equal(keys.claim(request({ identity: { ...ANN, id: 'u2' } })).kind, 'new')
  assert.equal(keys.claim(request({ key: 'k2' })).kind, 'new')
})

test('what came to nothing may be tried again, and after a day a key is free', () => {
  let now = 0
  const keys = new IdempotencyKeys(() => now)
  claimNew(keys).failed()
  claimNew(keys).done(ANSWER)

  now = 24 * 3_600_000 - 1
  assert.equal(keys.claim(request()).kind, 'again')
  now++
  assert.equal(keys.claim(request()).kind, 'new')
  assert.equal(forgottenOf(keys), 0)
})

test('too many keys or too much text: the oldest is forgotten and counted', () => {
  const few = new IdempotencyKeys(() => 0, { entriesMax: 2 })
  for (const key of ['a', 'b', 'c']) claimNew(few, { key }).done(ANSWER)
  assert.equal(few.claim(request({ key: 'c' })).kind, 'again')
  assert.equal(few.claim(request({ key: 'a' })).kind, 'new')
  assert.equal(forgottenOf(few), 2)

  const small = new IdempotencyKeys(() => 0, { charactersMax: 10 })
  const slow = claimNew(small, { key: 'slow' })
  for (const key of ['a', 'b']) claimNew(small, { key }).done(ANSWER)
  slow.done(ANSWER)
  assert.equal(small.claim(request({ key: 'b' })).kind, 'again')
  assert.equal(small.claim(request({ key: 'a' })).kind, 'new')
})

test('a key is a quoted or a bare word', () => {
  assert.equal(idempotencyKeyOf('"8e03-a"'), '8e03-a')
  assert.equal(idempotencyKeyOf(' 8e03-a '), '8e03-a')
  for (const wrong of ['', '""', '"a', 'a b', 'ä', 'x'.repeat(256)])
    assert.equal(idempotencyKeyOf(wrong), undefined, wrong)
})

const ban = (control: Control, keys = new IdempotencyKeys(Date.now)) => {
  const server = buildApi({ control, log: SILENT, keys, callerOf: () => ({ uid: 1, pid: 1 }) })
  return (key: string, payload: object = { host: '10.99.1.7' }, url = '/api/v1/bans') =>
    server.inject({ method: 'POST', url, payload, headers: { 'idempotency-key': key } })
}

test('over the API a repeated ban is the same ban, and its answer says that it is a repetition', async () => {
  const control = fakeControl()
  const post = ban(control)

  const first = await post('"one"')
  const again = await post('one')
  const other = await post('one', { host: '10.99.1.8' })
  const fresh = await post('two')
  const wrong = await post('a"b')

  assert.deepEqual([first.statusCode, again.statusCode], [201, 201])
  assert.equal(again.body, first.body)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.match(String(again.headers['content-type']), /^application\/json/)
  assert.equal(other.json().code, 'key-used-otherwise')
  assert.equal(fresh.json().code, 'already-banned')
  assert.deepEqual([wrong.statusCode, wrong.json().errors[0].at], [400, 'Idempotency-Key'])
  assert.equal(control.callers.length, 2)
})

test('two at the same moment: one is done, the other told to wait; a failure of ours is not kept', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let times = 0
  const post = ban(
    fakeControl({
      ban: async () => {
        if (++times === 1) throw new Error('broken')
        await promise
        return { kind: 'done', value: EXAMPLE_BAN }
      },
    }),
  )

  const failed = await post('k')
  const slow = post('k')
  await new Promise(setImmediate)
  const meanwhile = await post('k')
  resolve()
  const done = await slow

  assert.deepEqual([failed.statusCode, done.statusCode, times], [500, 201, 2])
  assert.deepEqual([meanwhile.json().code, meanwhile.headers['retry-after']], ['request-in-progress', '1'])
})
