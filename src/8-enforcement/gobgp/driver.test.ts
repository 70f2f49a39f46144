// The driver and a gobgpd that answers halfway, late or not at all: nothing is concluded from what it did not say.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadService } from '#lib/grpc/proto-file.ts'
import { SILENT } from '#lib/log/logger.ts'
import { until } from '../../../test/until.ts'
import { routeMitigation, ruleMitigation } from '../bgp/mitigation-for-tests.ts'
import { DEFAULT_MARK } from './config.ts'
import { Gobgp } from './driver.ts'

interface AskedPath {
  readonly family: { readonly afi: number; readonly safi: number }
  readonly nlri: object
  readonly is_withdraw: boolean
}
type Ending = 'end' | 'cut' | 'silence'

/** Keeps paths as gobgpd does, and ends its listings as it is told. */
class FakeGobgpd {
  readonly table = new Map<string, AskedPath>()
  /** How the listing of a family with this SAFI ends, after its first path. */
  readonly endings = new Map<number, Ending>()
  readonly changes: string[] = []
  tableSize: number | undefined
  asn = 65_001
  peers: object[] = []
  readonly watchers = new Set<ServerWritableStream<object, object>>()
  readonly #server = new Server()

  async listen(t: TestContext): Promise<string> {
    const service = loadService(join(import.meta.dirname, 'gobgp.proto'), 'apipb.GobgpApi')
    this.#server.addService(service, {
      GetBgp: (_call: unknown, answer: sendUnaryData<object>) => answer(null, { global: { asn: this.asn } }),
      GetTable: (
        call: ServerUnaryCall<{ family: AskedPath['family'] }, object>,
        answer: sendUnaryData<object>,
      ) => answer(null, { num_destination: this.tableSize ?? this.#of(call.request.family).length }),
      AddPath: (call: ServerUnaryCall<{ path: AskedPath }, object>, answer: sendUnaryData<object>) => {
        this.#take(call.request.path)
        answer(null, {})
      },
      DeletePath: (call: ServerUnaryCall<{ path: AskedPath }, object>, answer: sendUnaryData<object>) => {
        this.#take(call.request.path)
        answer(null, {})
      },
      AddPathStream: (
        call: ServerReadableStream<{ paths: AskedPath[] }, object>,
        answer: sendUnaryData<object>,
      ) => {
        call.on('data', ({ paths }) => {
          for (const path of paths) this.#take(path)
        })
        call.on('end', () => answer(null, {}))
      },
      ListPath: (call: ServerWritableStream<{ family: AskedPath['family'] }, object>) => this.#list(call),
      ListPeer: (call: ServerWritableStream<object, object>) => {
        for (const peer of this.peers) call.write(peer)
        call.end()
      },
      WatchEvent: (call: ServerWritableStream<object, object>) => void this.watchers.add(call),
    })
    t.after(() => this.#server.forceShutdown())
    return new Promise((resolve, reject) =>
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(`127.0.0.1:${port}`) : reject(error),
      ),
    )
  }

  #take(path: AskedPath): void {
    const key = JSON.stringify([path.family.afi, path.family.safi, path.nlri])
    this.changes.push(path.is_withdraw ? 'withdraw' : 'announce')
    if (path.is_withdraw) this.table.delete(key)
    else this.table.set(key, path)
  }

  #of({ afi, safi }: AskedPath['family']): AskedPath[] {
    return [...this.table.values()].filter(({ family }) => family.afi === afi && family.safi === safi)
  }

  #list(call: ServerWritableStream<{ family: AskedPath['family'] }, object>): void {
    const { family } = call.request
    const paths = this.#of(family)
    const ending = this.endings.get(family.safi) ?? 'end'
    for (const path of ending === 'end' ? paths : paths.slice(0, 1)) {
      const { prefix, prefix_len } = path.nlri as { prefix?: string; prefix_len?: number }
      call.write({
        destination: { prefix: `${prefix}/${prefix_len}`, paths: [{ ...path, neighbor_ip: '<nil>' }] },
      })
    }
    if (ending === 'end') call.end()
    if (ending === 'cut') call.emit('error', { code: status.INTERNAL, details: 'stream was cut' })
  }
}

async function start(t: TestContext) {
  const gobgpd = new FakeGobgpd()
  const address = await gobgpd.listen(t)
  const driver = (listDeadlineSeconds = 30) => {
    const made = new Gobgp(
      {
        address,
        deadlineSeconds: 30,
        listDeadlineSeconds,
        reconcileSeconds: 3600,
        orphansAfterSeconds: 0,
        mark: DEFAULT_MARK,
        flowspecOffsets: false,
      },
      SILENT,
    )
    t.after(() => made.stop(10))
    return made
  }
  return { gobgpd, driver }
}

const ROUTES = ['192.0.2.1/32', '192.0.2.2/32'].map((prefix, at) =>
  routeMitigation(`h-${at}`, prefix, 'gobgp'),
)
const RULES = ['192.0.2.1/32', '192.0.2.2/32'].map((prefix, at) =>
  ruleMitigation(`r-${at}`, `destination ${prefix} then discard`, 'gobgp'),
)
const UNICAST = 1
const FLOWSPEC = 133

for (const [what, safi, ending] of [
  ['whose routes are cut', UNICAST, 'cut'],
  ['whose rules are cut', FLOWSPEC, 'cut'],
  ['whose routes do not end', UNICAST, 'silence'],
  ['whose rules do not end', FLOWSPEC, 'silence'],
] as const) {
  test(`a listing ${what} is unknown, and nothing is announced or withdrawn for it`, async t => {
    const { gobgpd, driver } = await start(t)
    const earlier = driver()
    await Promise.all([...ROUTES, ...RULES].map(one => earlier.announce(one)))
    await earlier.stop(10)
    const made = gobgpd.changes.length
    gobgpd.endings.set(safi, ending)
    const next = driver(ending === 'silence' ? 0.2 : undefined)

    const outcome = await next.reconcile([ROUTES[1]!, RULES[1]!])
    const listing = await next.list()

    assert.equal(outcome.kind, 'failed')
    assert.equal(listing.kind, 'unknown')
    assert.equal(gobgpd.changes.length, made)
    assert.equal(gobgpd.table.size, 4)

    gobgpd.endings.clear()
    await until(async () => (await next.reconcile([ROUTES[1]!, RULES[1]!])).kind === 'done')
    assert.equal(gobgpd.table.size, 2)
    assert.deepEqual(gobgpd.changes.slice(made), ['withdraw', 'withdraw'])
  })
}

test('a gobgpd that nobody has configured holds nothing that could be trusted', async t => {
  const { gobgpd, driver } = await start(t)
  gobgpd.asn = 0

  const outcome = await driver().reconcile(ROUTES)

  assert.match(outcome.kind === 'failed' ? outcome.error : '', /runs no BGP/)
  assert.deepEqual(gobgpd.changes, [])
})

test('a table of the whole Internet is not listed: ours are looked up, and what is missing is announced', async t => {
  const { gobgpd, driver } = await start(t)
  gobgpd.tableSize = 900_000
  const one = driver()

  assert.deepEqual(await one.reconcile([...ROUTES, ...RULES]), { kind: 'done' })
  assert.equal(gobgpd.table.size, 4)
  const listing = await one.list()
  assert.match(listing.kind === 'unknown' ? listing.error : '', /IPv4 unicast: 900000 routes are too many/)
})

test('sessions are told as they change, and unknown as soon as the stream of changes ends', async t => {
  const { gobgpd, driver } = await start(t)
  const one = driver()
  const hasState = (state: string) => until(() => one.sessions()[0]?.state === state, state)
  await until(() => gobgpd.watchers.size > 0)
  const [watcher] = gobgpd.watchers
  // What is asked for when the connection is made must not come after it.
  await one.reconcile([])

  const families = [{ state: { family: { afi: 1, safi: 133 }, enabled: true } }]
  const tell = (session_state: string) => {
    const state = { neighbor_address: '10.0.3.1', peer_asn: 65_001, session_state }
    gobgpd.peers = [{ peer: { state, afi_safis: families } }]
    watcher?.write({ peer: gobgpd.peers[0] })
  }
  tell('ACTIVE')
  await hasState('active')
  tell('ESTABLISHED')
  await hasState('established')

  const [session] = one.sessions()
  assert.deepEqual(session?.afiSafis, ['ipv4-flowspec'])
  assert.ok(Date.now() - (session?.sinceMs ?? 0) < 5000)
  watcher?.end()
  await hasState('unknown')
})

test('stopping in the middle of a comparison is no failure of anybody', async t => {
  const { gobgpd, driver } = await start(t)
  gobgpd.endings.set(FLOWSPEC, 'silence')
  const one = driver(0.2)
  const outcome = one.reconcile(RULES)
  await sleep(50)
  await one.stop(10)

  assert.equal((await outcome).kind, 'failed')
})

test('each comparison is counted by what came of it', async t => {
  const { gobgpd, driver } = await start(t)
  const made = driver()
  const counted = () =>
    [...made.metrics()]
      .filter(({ name }) => name === 'floodwarden_bgp_comparisons_total')
      .map(({ value }) => value)

  await made.reconcile([])
  const [done = 0, failed] = counted()
  gobgpd.endings.set(UNICAST, 'cut')
  gobgpd.table.set('x', { family: { afi: 1, safi: UNICAST }, nlri: {}, is_withdraw: false })
  await made.reconcile([])

  assert.ok(done >= 1)
  assert.deepEqual([failed, ...counted()], [0, done, 1])
})
