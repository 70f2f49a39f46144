// IPFIX over TCP from a sender of our own, written from RFC 7011: templates per connection, and hostile streams.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exporterSchema } from '#1-capture/udp/config.ts'
import { DatagramMemory } from '#1-capture/udp/datagram-memory.ts'
import { fieldsOf, ipfix, number, set, template } from '#2-decode/flow-exports-for-tests.ts'
import { bindRecords } from '#3-traffic/counting-records.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { HEADER_BYTES } from '#3-traffic/record-header.ts'
import { tablesForRecords } from '#3-traffic/record-tables.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import { until } from '../../../test/until.ts'
import { exporterFacts } from './exporter-facts.ts'
import { FlowCollector } from './flow-collector.ts'
import { RecordLooks } from './record-looks.ts'
import { type StreamLimits, streamReception } from './stream-reception.ts'
import { TelemetryRounds } from './telemetry-rounds.ts'

const LIMITS: StreamLimits = { connections: 4, idleMs: 60_000, lookMs: 10 }
const teach = (id = 256) => set(2, [template(id, fieldsOf('8:4 12:4 7:2 11:2 4:1 2:4 1:4'))])
const RECORD = [
  ...[198, 18, 0, 7, 10, 99, 1, 250],
  ...[...number(53, 2), ...number(4000, 2), 17, ...number(10, 4), ...number(5000, 4)],
]
const data = (id = 256) => set(id, [RECORD])

/** A worker with its reception, and exporters that connect to it. */
async function setUp(t: TestContext, { listed = '127.0.0.0/8', limits = {} as Partial<StreamLimits> } = {}) {
  const memory = new DatagramMemory(1, HEADER_BYTES + 4)
  const tables = tablesForRecords(4096, 128)
  const bound = await bindRecords(tables, memory.bytes, {
    ...{ prefixes: prefixesOf(['10.99.1.0/24']), hostsMax: 4096, seed: 1, spreadMs: 0 },
    ...{ headerAt: memory.spareAt, incoming: true, outgoing: true, internal: 'both', flows: 'all' },
    ...{ lengthFromIp: false, idleWindows: 60, wholeSyn: false },
  })
  const exporters = (prefix: string) => ({
    exporters: [exporterSchema.parse({ prefix })],
    ...{ fallbackSamplingRate: 1, exportersMax: 100 },
  })
  const looks = new RecordLooks([])
  const collector = new FlowCollector({
    ...{ memory: memory.bytes, headerAt: memory.spareAt, counting: bound.counting, totals: tables.totals },
    ...{ exporters: exporters(listed), insideTunnels: false, looks },
  })
  const inbox = { fresh: () => [], wait: () => {} } as never
  const control = new Int32Array(64)
  const rounds = new TelemetryRounds({ memory, bound, collector, looks, inbox, control, tell: () => {} })
  const plan = { listen: parseListenAddress('127.0.0.1:0')!, ipv6Only: false }
  const reception = await streamReception(plan, memory, { ...LIMITS, ...limits })
  let isOver = false
  const running = reception.run({
    take: () => assert.fail('no datagrams come'),
    turn: () => rounds.turn(),
    drained: () => assert.fail('there is no queue of datagrams'),
    pause: () => {},
    isStopped: () => isOver,
    takeMessage: (bytes, nowMs, session) => rounds.takeMessage(bytes, nowMs, session),
    admits: () => rounds.admits(),
    endSession: session => rounds.endSession(session),
  })
  t.after(async () => {
    isOver = true
    await running
    reception.close()
  })
  const open = async (from = '127.0.0.1') => {
    const { port } = reception.facts
    const socket = connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true })
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return {
    open,
    change: (prefix: string) => collector.changeExporters(exporters(prefix)),
    closed: () => reception.statistics().connections,
    facts: () => [...collector.exporters.all()].map(known => exporterFacts(known)),
    refused: () => [...collector.exporters.refused],
  }
}

const write = (socket: Socket, bytes: readonly number[]) =>
  new Promise<void>(resolve => socket.write(Uint8Array.from(bytes), () => resolve()))

test('messages come whole however the stream is cut, and count as those of their exporter', async t => {
  const { open, facts, closed } = await setUp(t)
  const socket = await open()
  const bytes = [ipfix([teach()]), ipfix([data()]), ipfix([data()], { sequence: 1 })].flat()

  for (let at = 0; at < bytes.length; at += 7) {
    await write(socket, bytes.slice(at, at + 7))
    if (at % 5 === 0) await sleep(1)
  }
  await until(() => facts()[0]?.counters.records === 2)

  const [known] = facts()
  assert.deepEqual(
    [known?.address, known?.counters.datagrams, known?.counters.malformed],
    ['127.0.0.1', 3, 0],
  )
  assert.equal(known?.domains[0]?.lostRecords, 0)
  assert.deepEqual(closed(), { open: 1, unlisted: 0, overflow: 0, malformed: 0, idle: 0 })
})

test('a connection knows its own templates only, and they end with it', async t => {
  const { open, facts, closed } = await setUp(t)
  const [one, other] = [await open(), await open()]

  await write(one, ipfix([teach(), data()]))
  await until(() => facts()[0]?.counters.records === 1)
  await write(other, ipfix([data()]))
  await until(() => facts()[0]?.heldSets === 1)
  const both = facts()[0]
  one.end()
  other.end()
  await until(() => closed()?.open === 0)

  assert.deepEqual([both?.templates, both?.domains.length, both?.counters.unknownTemplateSets], [1, 2, 1])
  const [after] = facts()
  assert.deepEqual([after?.templates, after?.templateBytes, after?.domains.length], [0, 0, 0])
  assert.equal(after?.counters.records, 1)
  await write(await open(), ipfix([data()]))
  await until(() => facts()[0]?.counters.unknownTemplateSets === 2)
})

test('what is no IPFIX closes its connection, is counted, and harms no other', async t => {
  const { open, facts, closed } = await setUp(t)
  const good = await open()
  const hostile = [
    [0, 10, 0, 15],
    [0, 9, 0, 20, 1],
    [...ipfix([teach()]), 0, 10, 0, 0],
    [22, 3, 1, 2, 0],
  ]

  for (const bytes of hostile) {
    const socket = await open()
    const ended = once(socket, 'close')
    await write(socket, bytes)
    await ended
  }
  await write(good, ipfix([teach(), data()]))
  await until(() => facts()[0]?.counters.records === 1)

  assert.deepEqual(closed(), { open: 1, unlisted: 0, overflow: 0, malformed: 4, idle: 0 })
})

test('who is not listed has no connection, and loses it when the list changes', async t => {
  const { open, facts, closed, change, refused } = await setUp(t, { listed: '127.0.0.1' })
  const listed = await open()
  await write(listed, ipfix([teach(), data()]))
  await until(() => facts()[0]?.counters.records === 1)

  const stranger = await open('127.0.0.2')
  await once(stranger.resume(), 'close')
  const before = refused()
  const ended = once(listed.resume(), 'close')
  change('127.0.0.2')
  await ended
  await write(await open('127.0.0.2'), ipfix([teach(), data()]))
  await until(() => facts()[0]?.address === '127.0.0.2')

  assert.deepEqual([before, refused()], [[['127.0.0.2', 1]], [['127.0.0.1', 1]]])
  assert.equal(closed()?.unlisted, 2)
})

test('connections beyond the bound are closed, and idle ones make room', async t => {
  const { open, closed } = await setUp(t, { limits: { idleMs: 2000 } })
  const sockets = await Promise.all(Array.from({ length: 4 }, () => open()))
  await until(() => closed()?.open === 4)

  const fifth = await open()
  await once(fifth.resume(), 'close')
  // Bytes that are no whole message do not keep a connection.
  for (const socket of sockets) await write(socket, [0, 10])
  await until(() => closed()?.open === 0)
  const again = await open()
  await write(again, ipfix([teach()]))
  await until(() => closed()?.open === 1)

  assert.deepEqual(closed(), { open: 1, unlisted: 0, overflow: 1, malformed: 0, idle: 4 })
})
