import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { countingSetup, type TestFrame } from '#3-traffic/counting-for-tests.ts'
import type { OpenAttack } from '#4-detection/attack.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { until } from '../../../test/until.ts'
import type { EngineEvent } from '../engine-event.ts'
import { configWith, engineLab, flood } from '../engine-for-tests.ts'
import { EngineLink } from './engine-link.ts'

const CONFIG = configWith({
  detection: { banSeconds: 60, thresholds: { incoming: { packetsPerSecond: 500 }, outgoing: {} } },
})
const HOST = '10.0.0.1'
const WAITED_MS = 1000

/** A link to a real engine worker over a counting worker in the memory of this thread. */
async function setUp(t: TestContext, attacks: readonly OpenAttack[] = []) {
  const parts = await parted(t)
  await parts.link.start(attacks)
  return parts
}

/** The same before it is started. */
async function parted(t: TestContext) {
  const worker = await countingSetup(CONFIG.networks, { hostsMax: 1024 })
  const told = new EventTarget()
  const events: EngineEvent[] = []
  const deaths: unknown[] = []
  const link = new EngineLink({
    config: CONFIG,
    sources: [{ tables: worker.tables, samplingRate: 1 }],
    events: many => {
      events.push(...many)
      for (const { kind } of many) told.dispatchEvent(new Event(kind))
    },
    pace: () => {},
    died: error => deaths.push(error),
  })
  t.after(() => link.stop())
  const send = (frames: readonly Uint8Array[]) => {
    const seconds = Math.floor(Date.now() / 1000)
    worker.counting.syncEpoch()
    worker.block(frames.map((bytes): TestFrame => ({ bytes, seconds })))
  }
  return { link, events, deaths, send, told }
}

test('what is counted becomes an attack, told with its flows; a ban by hand is answered when it is open', async t => {
  const { link, events, send, told } = await setUp(t)
  const opened = once(told, 'opened')
  send(flood(HOST, 2000))
  await opened

  const [first] = events
  assert.ok(first?.kind === 'opened')
  assert.deepEqual([first.attack.host, first.attack.type], [HOST, 'udp_flood'])
  assert.ok(first.flows[0]!.count > 1000)

  const order: string[] = []
  const answer = await link.ask('ban', { host: '10.0.0.9', seconds: 30 }, many => order.push(many[0]!.kind))
  order.push('answered')
  assert.deepEqual(order, ['opened', 'answered'])
  assert.ok(answer[0]?.kind === 'opened' && answer[0].attack.banSeconds === 30)
  assert.deepEqual(await link.ask('ban', { host: HOST, seconds: 30 }), [])
  assert.deepEqual(await link.ask('unban', { host: '10.0.0.8' }), [])
  assert.equal((await link.ask('unban', { host: HOST })).at(-1)?.kind, 'ended')
})

test('facts, lists and the table of hosts tell what is counted', async t => {
  const { link, send } = await setUp(t)
  const hostsOf = () => link.facts.hosts
  assert.equal(hostsOf(), 0)
  send([...flood(HOST, 2000), ...flood('2001:db8::5', 1200)])
  const counted = () =>
    link.facts.metrics
      .filter(({ name }) => name === 'floodwarden_traffic_packets_total')
      .reduce((sum, { value }) => sum + value, 0)
  // The engine may tick in the middle of a block: what is late is seen when the window has ended.
  await until(async () => {
    await link.refresh()
    return hostsOf() === 2 && counted() === 3200
  })
  const sides = await link.ask('traffic', { sort: 'packets', limit: 7 })
  const hosts = await link.ask('hosts', { from: 0, most: 1000, classes: true })

  const { facts } = link
  assert.ok(facts.ticks > 0 && facts.secondsSinceTick < 30 && facts.tickMs >= 100)
  assert.equal(facts.hosts, 2)
  assert.equal(counted(), 3200)
  assert.deepEqual(
    sides.incoming.hosts.map(({ host }) => host),
    [HOST, '2001:db8::5'],
  )
  assert.equal(hosts.count, 2)
  const rows = [0, 1].map(row => [
    hosts.families[row],
    Math.sign(hosts.packets[row * 2]!),
    hosts.packets[row * 2 + 1],
  ])
  assert.deepEqual(rows.sort(), [
    [4, 1, 0],
    [6, 1, 0],
  ])
  const ipv4 = hosts.families.indexOf(4)
  assert.deepEqual([...new Uint8Array(hosts.addresses.buffer, ipv4 * 16, 4)], [10, 0, 0, 1])
})

test('attacks that were open when the program ended are taken over before the first tick', async t => {
  const lab = await engineLab(CONFIG)
  const [event] = lab.engine.ban(parseAddress(HOST)!, 3600, { seconds: 1, wallMs: Date.now() })
  assert.ok(event?.kind === 'opened')

  const { link } = await setUp(t, [event.attack])

  assert.deepEqual(await link.ask('ban', { host: HOST, seconds: 5 }), [])
  const ended = await link.ask('unban', { host: HOST })
  assert.ok(ended[0]?.kind === 'ended')
  assert.equal(ended[0].attack.id, event.attack.id)
})

test('what is counted while open attacks are read is judged by all the time in which it was counted', async t => {
  const { link, events, send } = await parted(t)
  const { promise: open, resolve: read } = Promise.withResolvers<readonly OpenAttack[]>()
  const started = link.start(open)
  await sleep(WAITED_MS)
  // Within a second less than the limit, within a tick far more.
  send(flood(HOST, 400))
  read([])
  await started
  await link.ticked()
  await link.ticked()

  assert.equal(link.facts.hosts, 1)
  assert.deepEqual(events, [])
})

test('a worker that is stopped is no death, and whoever asks it is told so', async t => {
  const { link, deaths } = await setUp(t)
  const refused = assert.rejects(link.ask('facts', {}), /is stopping/)

  await link.stop()

  await refused
  await assert.rejects(link.ask('facts', {}), /does not run/)
  await link.refresh()
  assert.deepEqual(deaths, [])
})

test('a mistake in the worker is told, so that nothing goes on without it', async t => {
  const { link, deaths } = await setUp(t)

  link.ask('ban', { host: 'no address', seconds: 1 }).catch(() => {})
  await until(() => deaths.length > 0)

  assert.match(String(deaths[0]), /only addresses are sent/)
})
