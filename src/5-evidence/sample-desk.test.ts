import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CountingSetup, countingSetup } from '#3-traffic/counting-for-tests.ts'
import { LINE, lineOf, WATCH } from '#3-traffic/host-tables.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import type { PacketRecord } from './evidence.ts'
import { SampleDesk } from './sample-desk.ts'

const VICTIM = '10.0.0.1'
const VICTIM_V6 = '2001:db8::1'
const NETWORKS = ['10.0.0.0/24', '2001:db8::/64']
const SECOND = 1_700_000_000
const SINCE = SECOND * 1e6

const UDP: Layer = { kind: 'udp', sourcePort: 53, targetPort: 4000 }

function frame(source: string, target: string, transport: Layer = UDP): Uint8Array {
  const kind = target.includes(':') ? 'ipv6' : 'ipv4'
  return buildFrame([
    { kind: 'ethernet' },
    { kind, source, target },
    transport,
    { kind: 'payload', bytes: 20 },
  ])
}

/** A worker that counted the frames, at `SECOND` and a microsecond apart. */
function count(worker: CountingSetup, frames: readonly Uint8Array[], seconds = SECOND): void {
  worker.block(frames.map((bytes, at) => ({ bytes, wire: 1000, seconds, nanoseconds: at * 1000 + 999 })))
}

function watch(worker: CountingSetup, host: string, every: number): void {
  for (const side of [0, 1] as const)
    worker.tables.counters[lineOf(worker.slotOf(host), side) * LINE + WATCH] = every
}

const deskOf = (workers: readonly CountingSetup[], samplingRate = 1, insideTunnels = false) =>
  new SampleDesk(
    workers.map(({ tables }) => ({ tables, samplingRate })),
    insideTunnels,
  )

function freshOf(desk: SampleDesk, hosts: readonly string[], since = SINCE): [string, PacketRecord][] {
  const taken: [string, PacketRecord][] = []
  desk.fresh(hosts, since, (host, record) => taken.push([host, record]))
  return taken
}

test('a packet is put into words: times, addresses, ports, flags and bytes', async () => {
  const worker = await countingSetup(NETWORKS)
  const syn: Layer = { kind: 'tcp', sourcePort: 1234, targetPort: 80, flags: ['syn', 'ack'] }
  const bytes = frame('198.18.0.7', VICTIM, syn)
  count(worker, [bytes])

  const held = deskOf([worker], 100).held([VICTIM], SINCE)

  assert.deepEqual(held.get(VICTIM), [
    {
      timeMicros: SINCE,
      source: '198.18.0.7',
      target: VICTIM,
      sourcePort: 1234,
      targetPort: 80,
      protocol: 6,
      tcpFlags: 0x12,
      isFragment: false,
      ttl: 64,
      bytes: 1000,
      weight: 100,
      sampleRatio: 100,
      bytesCaptured: bytes,
      linkType: 1,
    },
  ])
})

test('packets from and to a host are its own, those of others are not; IPv6 too', async () => {
  const worker = await countingSetup(NETWORKS)
  count(worker, [
    frame('198.18.0.7', VICTIM),
    frame(VICTIM, '198.18.0.8'),
    frame('198.18.0.9', '10.0.0.2'),
    frame('3fff::9', VICTIM_V6),
    frame('3fff::9', '2001:db8::2'),
  ])

  const held = deskOf([worker]).held([VICTIM, VICTIM_V6, '192.0.2.1'], SINCE)

  const ends = (host: string) => held.get(host)?.map(({ source, target }) => `${source} > ${target}`)
  assert.deepEqual(ends(VICTIM), [`198.18.0.7 > ${VICTIM}`, `${VICTIM} > 198.18.0.8`])
  assert.deepEqual(ends(VICTIM_V6), [`3fff::9 > ${VICTIM_V6}`])
  assert.equal(held.size, 2)
})

test('what is older than asked for is left out', async () => {
  const worker = await countingSetup(NETWORKS)
  count(worker, [frame('198.18.0.7', VICTIM)], SECOND - 1)
  count(worker, [frame('198.18.0.8', VICTIM)])

  const held = deskOf([worker]).held([VICTIM], SINCE)

  assert.deepEqual(
    held.get(VICTIM)?.map(({ source }) => source),
    ['198.18.0.8'],
  )
})

test('fresh packets are those copied for watching, each handed over once', async () => {
  const worker = await countingSetup(NETWORKS)
  const desk = deskOf([worker])
  count(worker, [frame('198.18.0.1', VICTIM)])
  watch(worker, VICTIM, 1)
  count(worker, [frame('198.18.0.2', VICTIM), frame('198.18.0.3', '10.0.0.9')])

  const first = freshOf(desk, [VICTIM])
  const again = freshOf(desk, [VICTIM])
  count(worker, [frame('198.18.0.4', VICTIM)], SECOND - 5)
  const old = freshOf(desk, [VICTIM])

  assert.deepEqual(
    first.map(([host, { source }]) => `${host} ${source}`),
    [`${VICTIM} 198.18.0.2`],
  )
  assert.deepEqual([...again, ...old], [])
})

test('fresh packets of several workers come together', async () => {
  const workers = [await countingSetup(NETWORKS), await countingSetup(NETWORKS)]
  const desk = deskOf(workers)
  for (const [at, worker] of workers.entries()) {
    count(worker, [frame('198.18.0.1', VICTIM)])
    watch(worker, VICTIM, 1)
    count(worker, [frame(`198.18.1.${at}`, VICTIM)])
  }

  assert.deepEqual(
    freshOf(desk, [VICTIM]).map(([, { source }]) => source),
    ['198.18.1.0', '198.18.1.1'],
  )
})

test('of recent and watched packets those are told that are more', async () => {
  const worker = await countingSetup(NETWORKS)
  const others = Array.from({ length: 999 }, () => frame('198.18.0.1', '10.0.0.2'))
  count(worker, [frame('198.18.0.1', VICTIM)])
  watch(worker, VICTIM, 2)
  // Every sixteenth packet of a large block is a recent one: the first, and none of the last nine.
  count(worker, [frame('198.18.0.2', VICTIM), ...others.slice(0, 990)])
  count(worker, [...others.slice(0, 991), ...Array.from({ length: 9 }, () => frame('198.18.0.3', VICTIM))])

  const records = deskOf([worker]).held([VICTIM], SINCE).get(VICTIM)!

  assert.deepEqual(
    records.map(({ weight }) => weight),
    Array(5).fill(2),
  )
})

test('frames that cannot be decoded are passed over', async () => {
  const worker = await countingSetup(NETWORKS)
  count(worker, [buildFrame([{ kind: 'ethernet', type: 0x0806 }]), frame('198.18.0.7', VICTIM).slice(0, 30)])

  assert.equal(deskOf([worker]).held([VICTIM], SINCE).size, 0)
})

test('inside tunnels the inner packet is told when that is wanted', async () => {
  const worker = await countingSetup(NETWORKS, { innerTunnels: true })
  const inner: Layer = { kind: 'ipv4', source: '198.18.0.7', target: VICTIM }
  const outer: Layer = { kind: 'ipv4', source: '203.0.113.1', target: '10.0.0.9' }
  count(worker, [buildFrame([{ kind: 'ethernet' }, outer, { kind: 'gre' }, inner, UDP])])

  const hosts = [VICTIM, '10.0.0.9']
  assert.deepEqual([...deskOf([worker], 1, true).held(hosts, SINCE).keys()], [VICTIM])
  assert.deepEqual([...deskOf([worker], 1, false).held(hosts, SINCE).keys()], ['10.0.0.9'])
})

test('packets of a whole prefix are found under its text, in both families, and those beside it are not', async () => {
  const worker = await countingSetup(NETWORKS)
  count(worker, [
    frame('198.18.0.1', '10.0.0.130'),
    frame('198.18.0.1', '10.0.0.127'),
    frame('10.0.0.255', '198.18.0.1'),
    frame('3fff::1', '2001:db8::ffff'),
    frame('3fff::1', '2001:db8:0:0:1::1'),
  ])

  const held = deskOf([worker]).held(['10.0.0.128/25', '2001:db8::/112', 'nonsense'], SINCE)

  const endpoints = (text: string) => held.get(text)?.map(({ source, target }) => `${source} ${target}`)
  assert.deepEqual(endpoints('10.0.0.128/25'), ['198.18.0.1 10.0.0.130', '10.0.0.255 198.18.0.1'])
  assert.deepEqual(endpoints('2001:db8::/112'), ['3fff::1 2001:db8::ffff'])
  assert.equal(held.size, 2)
})
