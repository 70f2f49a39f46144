import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { SILENT } from '#lib/log/logger.ts'
import { AccessRefusal, type Identity } from '../contract/access.ts'
import { EXAMPLE_LIVE } from '../contract/examples-resources.ts'
import { liveMessageSchema, type Topic } from '../contract/live.ts'
import { fakeControl } from '../fake-control.ts'
import { buildApi } from '../server.ts'
import { LiveClients } from './live-clients.ts'
import { LiveFeed } from './live-feed.ts'

const OPERATOR: Identity = { kind: 'token', name: 't', id: '1', role: 'viewer' }
const CONFINED: Identity = { ...OPERATOR, customers: ['acme'] }

/** Of a WebSocket, what the feed uses of it. */
class FakeSocket extends EventEmitter {
  bufferedAmount = 0
  readonly said: unknown[] = []
  ended: string | undefined
  send(bytes: Buffer): void {
    this.said.push(JSON.parse(bytes.toString()))
  }
  ping(): void {
    this.said.push('ping')
  }
  close(code: number): void {
    this.ended = `closed ${code}`
  }
  terminate(): void {
    this.ended = 'terminated'
  }
}

function setUp(t: TestContext) {
  const feed = new LiveFeed()
  const clock = { now: 1000 }
  const sees = (_: Identity, targets: readonly string[]) => targets.every(target => target.startsWith('10.'))
  const bounds = { clientsMax: 2, waitingBytesMax: 1000 }
  const clients = new LiveClients({ feed, sees }, bounds, () => clock.now)
  const join = (
    identity = OPERATOR,
    topics: Topic[] = ['mitigations', 'traffic'],
    admit = async () => identity,
  ) => {
    const socket = new FakeSocket()
    clients.add(socket as unknown as WebSocket, { topics: new Set(topics), identity, admit })
    t.after(() => socket.emit('close'))
    return socket
  }
  let made = 0
  const tell = (targets: readonly string[] = ['10.0.0.1']) =>
    feed.tell({ topic: 'mitigations', kind: 'mitigation-changed', targets }, () => {
      made++
      return EXAMPLE_LIVE
    })
  const count = (labels: string) =>
    [...clients.metrics()].find(({ labels: of = {} }) => Object.values(of).includes(labels))?.value
  return { feed, clients, clock, join, tell, count, made: () => made }
}

test('a message is made once for all who hear it, and not at all when nobody does', t => {
  const { join, tell, made, feed, count } = setUp(t)
  tell()
  const [first, second] = [join(), join(OPERATOR, ['traffic'])]

  tell()
  tell()
  feed.tell({ topic: 'traffic', kind: 'resync', targets: [] }, () => ({ kind: 'resync', reason: 'test' }))

  assert.equal(made(), 2)
  assert.deepEqual(first.said, [EXAMPLE_LIVE, EXAMPLE_LIVE, { kind: 'resync', reason: 'test' }])
  assert.deepEqual(second.said, [{ kind: 'resync', reason: 'test' }])
  assert.equal(count('sent'), 4)
})

test('whoever is confined hears of what is theirs alone, and not of the network as a whole', t => {
  const { join, tell, feed } = setUp(t)
  const socket = join(CONFINED)

  tell(['10.0.0.1'])
  tell(['192.0.2.1'])
  feed.tell({ topic: 'traffic', kind: 'traffic', targets: [] }, () => EXAMPLE_LIVE)

  assert.equal(socket.said.length, 1)
})

test('a slow client is not waited for: it is told to ask again, or dropped', t => {
  const { clients, clock, join, tell, count } = setUp(t)
  const [slow, stuck] = [join(), join()]
  slow.bufferedAmount = 1001
  stuck.bufferedAmount = 1001

  tell()
  slow.bufferedAmount = 0
  tell()
  clients.look()
  tell()
  clock.now += 10_000
  clients.look()

  assert.deepEqual(
    slow.said.map(said => (said as { kind: string }).kind),
    ['resync', 'mitigation-changed'],
  )
  assert.deepEqual([stuck.said, stuck.ended], [[], 'terminated'])
  assert.deepEqual([count('skipped'), count('slow')], [5, 1])
})

test('who does not answer is dropped, who may no longer hear is told so, and of too many the last do not get in', async t => {
  const { clients, clock, join, count } = setUp(t)
  const silent = join()
  const revoked = join(OPERATOR, ['traffic'], () => Promise.reject(new Error('revoked')))
  const tooMany = join()
  const busy = setUp(t)
  const patient = busy.join(OPERATOR, ['traffic'], () =>
    Promise.reject(new AccessRefusal('rate-limited', '')),
  )

  clock.now += 30_000
  clients.look()
  revoked.emit('pong')
  await new Promise(setImmediate)
  clock.now += 30_000
  clients.look()

  busy.clock.now += 30_000
  busy.clients.look()
  await new Promise(setImmediate)

  assert.equal(patient.ended, undefined)
  assert.deepEqual([silent.said, silent.ended], [['ping'], 'terminated'])
  assert.equal(revoked.ended, 'closed 1008')
  assert.equal(tooMany.ended, 'closed 1013')
  assert.deepEqual(['silent', 'refused', 'full'].map(count), [1, 1, 1])
})

test('over a WebSocket what happens is told as JSON of the contract, and the end is told too', async t => {
  const feed = new LiveFeed()
  const live = new LiveClients({ feed, sees: () => true })
  const server = buildApi({
    ...{ control: fakeControl(), log: SILENT, resources: { live } },
    callerOf: () => ({ uid: 0, pid: 1 }),
  })
  t.after(() => server.close())
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const plain = await fetch(`${address}/api/v1/live`)
  const wrong = await server.inject('/api/v1/live?topics=weather')
  const socket = new WebSocket(`${address.replace('http', 'ws')}/api/v1/live?topics=mitigations`)
  await once(socket, 'open')

  const heard = once(socket, 'message')
  for (let turn = 0; turn < 1000 && !feed.isHeard; turn++) await new Promise(setImmediate)
  feed.tell({ topic: 'mitigations', kind: 'mitigation-changed', targets: [] }, () => EXAMPLE_LIVE)
  const [bytes, isBinary] = await heard
  const closed = once(socket, 'close')
  await server.close()

  assert.equal(plain.status, 426)
  assert.equal(wrong.json().errors[0].at, 'topics.0')
  assert.equal(isBinary, false)
  assert.deepEqual(liveMessageSchema.parse(JSON.parse(String(bytes))), EXAMPLE_LIVE)
  assert.equal((await closed)[0], 1001)
  assert.equal(feed.isHeard, false)
})
