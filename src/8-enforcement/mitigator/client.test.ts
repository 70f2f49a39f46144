import assert from 'node:assert/strict'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { authorityFor } from '../../../test/certificates.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { MitigatorClient, type MitigatorServer } from './client.ts'
import { PATHS, switchAt, switchSchema, versionSchema } from './contract.ts'
import { fakeMitigator, USER } from './server-for-tests.ts'
import { SessionFile } from './session-file.ts'

function clientOf(
  t: TestContext,
  origin: string,
  changes: Partial<MitigatorServer> = {},
  path = join(temporaryFolder(t), 'session.json'),
): MitigatorClient {
  const server: MitigatorServer = {
    ...{ origin, ...USER, trust: { kind: 'system' }, connectMs: 3000, requestMs: 5000, retries: 0 },
    pauseMs: 10,
    endsAt: performance.now() + 10_000,
    ...changes,
  }
  return new MitigatorClient(server, new SessionFile(path))
}

const version = (client: MitigatorClient) => client.get(PATHS.version, versionSchema)
const paths = (heard: readonly { readonly path: string }[]) => heard.map(({ path }) => path)

test('one logs in once, keeps the token for oneself, and the next process tests it and goes on with it', async t => {
  const fake = await fakeMitigator(t)
  const file = join(temporaryFolder(t), 'session.json')
  const first = clientOf(t, fake.url, {}, file)

  const answers = [await version(first), await version(first), await version(clientOf(t, fake.url, {}, file))]

  assert.deepEqual(answers, Array(3).fill({ kind: 'done', value: { version: 'v25.12.1' } }))
  assert.deepEqual(paths(fake.heard), [
    'users/session',
    'backend/version',
    'backend/version',
    'backend/ping',
    'backend/version',
  ])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.doesNotMatch(readFileSync(file, 'utf8'), /correct horse/)
})

test('a token that is no good any more, before the first request or between two, costs one log-in', async t => {
  const fake = await fakeMitigator(t)
  const file = join(temporaryFolder(t), 'session.json')
  const first = clientOf(t, fake.url, {}, file)
  await version(first)

  fake.tokens.clear()
  const between = await version(first)
  fake.tokens.clear()
  const before = await version(clientOf(t, fake.url, {}, file))

  assert.deepEqual([between.kind, before.kind, fake.logIns], ['done', 'done', 3])
})

test('a session of another user is not used, nor one in a file that others may read', async t => {
  const fake = await fakeMitigator(t)
  const file = join(temporaryFolder(t), 'session.json')
  await version(clientOf(t, fake.url, {}, file))

  const other = await version(clientOf(t, fake.url, { username: 'bob' }, file))
  await version(clientOf(t, fake.url, {}, file))
  chmodSync(file, 0o644)
  await version(clientOf(t, fake.url, {}, file))

  assert.equal(other.kind, 'refused')
  assert.ok(other.kind === 'refused' && /log-in of "bob": answer 401: wrong user/.test(other.error))
  assert.equal(fake.heard.filter(({ path }) => path === 'backend/ping').length, 1)
})

test('the leader of a cluster is followed, remembered, and forgotten when it is away', async t => {
  const [follower, leader] = [await fakeMitigator(t), await fakeMitigator(t)]
  follower.leader = `${leader.url}/api/v4/whatever`
  const file = join(temporaryFolder(t), 'session.json')

  const led = await version(clientOf(t, follower.url, {}, file))
  const heardAtFirst = follower.heard.length
  const remembered = await version(clientOf(t, follower.url, {}, file))
  const heardLater = follower.heard.length
  leader.isAway = true
  follower.leader = undefined
  const back = await version(clientOf(t, follower.url, {}, file))

  assert.deepEqual([led.kind, remembered.kind, back.kind], ['done', 'done', 'done'])
  assert.deepEqual([heardAtFirst, heardLater], [1, 1])
  assert.deepEqual(paths(follower.heard.slice(1)), ['backend/ping', 'users/session', 'backend/version'])
})

test('two that call each other leader end in an error, and a leader without TLS is not followed', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const [one, other] = [await fakeMitigator(t), await fakeMitigator(t)]
  one.leader = other.url
  other.leader = one.url
  const { certificate, key } = authority.sign('mitigator', 'IP:127.0.0.1')
  const safe = await fakeMitigator(t, {
    key: readFileSync(key, 'utf8'),
    cert: readFileSync(certificate, 'utf8'),
  })
  const plain = await fakeMitigator(t)
  safe.leader = plain.url
  const pem = readFileSync(authority.certificate, 'utf8')

  const round = await version(clientOf(t, one.url))
  const down = await version(clientOf(t, safe.url, { trust: { kind: 'authority', pem } }))

  assert.ok(round.kind === 'failed' && /does not agree who leads/.test(round.error))
  assert.ok(down.kind === 'failed' && /names no leader to be trusted/.test(down.error))
  assert.deepEqual(plain.heard, [])
})

test('a certificate of an authority that is not named is refused before anything is said, unless one opts out', async t => {
  const [mine, others] = [authorityFor(t), authorityFor(t)]
  if (mine === undefined || others === undefined) return
  const pemOf = (file: string) => readFileSync(file, 'utf8')
  const { certificate, key } = mine.sign('mitigator', 'IP:127.0.0.1')
  const fake = await fakeMitigator(t, { key: pemOf(key), cert: pemOf(certificate) })
  const wrong = mine.sign('elsewhere', 'DNS:elsewhere.example')
  const misnamed = await fakeMitigator(t, { key: pemOf(wrong.key), cert: pemOf(wrong.certificate) })
  const by = (authority: string) => ({
    trust: { kind: 'authority', pem: pemOf(authority) } as const,
    retries: 2,
  })

  const refused = [
    await version(clientOf(t, fake.url)),
    await version(clientOf(t, fake.url, by(others.certificate))),
    await version(clientOf(t, misnamed.url, by(mine.certificate))),
  ]
  const heardOfRefused = fake.heard.length + misnamed.heard.length
  const right = await version(clientOf(t, fake.url, by(mine.certificate)))
  const optedOut = await version(clientOf(t, misnamed.url, { trust: { kind: 'anybody' } }))

  for (const answer of refused)
    assert.ok(
      answer.kind === 'refused' && /certificate is not believed/.test(answer.error),
      JSON.stringify(answer),
    )
  assert.equal(heardOfRefused, 0)
  assert.deepEqual([right.kind, optedOut.kind], ['done', 'done'])
})

test('errors of the envelope are told, and what is in trouble is tried again', async t => {
  const fake = await fakeMitigator(t)
  const client = clientOf(t, fake.url, { retries: 2 })
  const { path, field } = switchAt('acl', 1)
  fake.failures = [{ path: /^acl/, status: 503, times: 2 }]

  const absent = await client.get(path, switchSchema(field))
  fake.failures = [{ path: /^acl/, status: 403, times: 9 }]
  const refused = await client.put(path, { switch: true })
  fake.failures = [{ path: /^acl/, status: 500, times: 9 }]
  const failed = await client.get(path, switchSchema(field))
  fake.failures = []
  fake.stored.set('acl/switch?policy=1', { switch: 'perhaps' })
  const strange = await client.get(path, switchSchema(field))

  assert.deepEqual(absent, { kind: 'absent', error: 'answer 404: never stored' })
  assert.deepEqual(refused, { kind: 'refused', error: 'answer 403: made to answer 403' })
  assert.deepEqual(failed, { kind: 'failed', error: 'answer 500: made to answer 500', isAway: false })
  assert.ok(strange.kind === 'refused' && /not the form/.test(strange.error))
  assert.equal(fake.heard.filter(one => one.path === 'acl/switch?policy=1').length, 3 + 1 + 3 + 1)
})

test('a server that does not answer in time, or is not there, fails within the time of the caller', async t => {
  const fake = await fakeMitigator(t)
  fake.delayMs = 1000
  const nobody = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => nobody.once('listening', resolve))
  const address = nobody.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise(resolve => nobody.close(resolve))

  const slow = await version(clientOf(t, fake.url, { requestMs: 50 }))
  const short = await version(
    clientOf(t, fake.url, { requestMs: 5000, retries: 9, endsAt: performance.now() + 100 }),
  )
  const away = await version(clientOf(t, `http://127.0.0.1:${port}`, { retries: 1 }))

  assert.deepEqual(slow, { kind: 'failed', error: 'no answer within 0.05 s', isAway: true })
  assert.ok(short.kind === 'failed' && short.isAway)
  assert.ok(away.kind === 'failed' && /ECONNREFUSED/.test(away.error))
})

test('a connection that is not made has its own, shorter time', async t => {
  // It takes the connection and never speaks TLS.
  const mute = createServer().listen(0, '127.0.0.1')
  t.after(() => mute.close())
  mute.on('connection', socket => t.after(() => socket.destroy()))
  await new Promise(resolve => mute.once('listening', resolve))
  const address = mute.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  const answer = await version(clientOf(t, `https://127.0.0.1:${port}`, { connectMs: 50 }))

  assert.deepEqual(answer, { kind: 'failed', error: 'no connection within 0.05 s', isAway: true })
})
