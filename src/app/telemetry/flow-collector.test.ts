// Datagrams into counters, as a worker does it, without its socket.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exporterSchema } from '#1-capture/udp/config.ts'
import { EXPORT_SECONDS, netflow5, record5 } from '#2-decode/flow-exports-for-tests.ts'
import type { ExporterArchive } from '#2-decode/templates-archive.ts'
import { readings } from '#3-traffic/counting-for-tests.ts'
import { bindRecords } from '#3-traffic/counting-records.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { TOTAL } from '#3-traffic/host-tables.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { tablesForRecords } from '#3-traffic/record-tables.ts'
import { exporterFacts } from './exporter-facts.ts'
import { exportersView, joined } from './exporters-view.ts'
import { FlowCollector } from './flow-collector.ts'
import { RecordLooks } from './record-looks.ts'
import { telemetrySource } from './telemetry-metrics.ts'

const VICTIM = '10.99.1.250'
const NOW = EXPORT_SECONDS * 1000 + 500
const sender = (a: number) => ({ family: 4, a, b: 0, c: 0, d: 0 })
/** 192.0.2.1 as the wire's bytes read little-endian. */
const EDGE = 0x01_02_00_c0

async function setUp(
  exporters: readonly object[] = [],
  archive: ReadonlyMap<string, ExporterArchive> = new Map(),
) {
  const memory = new ArrayBuffer(8192)
  const headerAt = 4096
  const tables = tablesForRecords(4096, 128)
  const { counting } = await bindRecords(tables, memory, {
    ...{ prefixes: prefixesOf(['10.99.1.0/24']), hostsMax: 4096, seed: 1, spreadMs: 0, headerAt },
    ...{ incoming: true, outgoing: true, internal: 'both', flows: 'all', lengthFromIp: false },
    ...{ idleWindows: 60, wholeSyn: false },
  })
  const looks = new RecordLooks(prefixesOf(['10.99.1.0/24']))
  const collector = new FlowCollector({
    ...{ memory, headerAt, counting, totals: tables.totals, insideTunnels: false, archive, looks },
    exporters: {
      exporters: exporters.map(exporter => exporterSchema.parse(exporter)),
      ...{ fallbackSamplingRate: 1, exportersMax: 100 },
    },
  })
  const send = (bytes: readonly number[], from = EDGE, nowMs = NOW, now = 0) => {
    new Uint8Array(memory).set(bytes, 7)
    collector.datagram(7, 7 + bytes.length, sender(from), nowMs, now)
  }
  const numbers = readings(tables)
  numbers.tick(-1, 1)
  counting.syncEpoch()
  return { collector, looks, send, tables, ...numbers }
}

test('what fits the whitelist is left out, records like packets', async () => {
  const { collector, send, line, tables } = await setUp()
  const rule = {
    source_prefix: '198.18.0.0/24',
    source_ports: [1900],
    packet_lengths: [500],
    fragmentation_flags: ['not-a-fragment'],
  } as const
  collector.exempt = compileExempt({
    whitelistSources: [],
    whitelistRules: [{ ...rule, fragmentation_flags: [...rule.fragmentation_flags] } as never],
  })

  send(netflow5([record5({ packets: 10, bytes: 5000 })], { sampling: 4 }))
  send(netflow5([record5({ packets: 10, bytes: 6000 })], { sampling: 4 }))

  assert.deepEqual(line(VICTIM, 'incoming'), { udp: [40, 24_000] })
  assert.deepEqual([...tables.totals.subarray(TOTAL.exempt, TOTAL.exempt + 2)], [40, 20_000])
})

test('whoever sends nothing we know is not remembered, and counted', async () => {
  const { collector, send } = await setUp()

  for (let at = 0; at < 50; at++) send([1, 2, 3, at], at)

  assert.equal(collector.exporters.count, 0)
  assert.deepEqual([collector.datagrams, collector.strayDatagrams], [50, 50])
})

test('records that are not to be counted are told, and count nowhere', async () => {
  const { collector, send, line } = await setUp([
    { prefix: '192.0.2.1', interfaces: [3], countOnly: 'egress' },
  ])

  // NetFlow v5 of the tests comes in by interface 3 and goes out by 4.
  send(netflow5([record5(), record5()]))

  const [known] = [...collector.exporters.all()]
  assert.deepEqual([known?.notCounted, known?.state.counters.taken], [2, 2])
  assert.deepEqual(line(VICTIM, 'incoming'), {})
})

test('of records some are looked at, but for those that are not counted, and anew after a change of the list', async () => {
  const rules = [
    { prefix: '192.0.2.1', interfaces: [3] },
    { prefix: '192.0.2.2', interfaces: [9] },
  ]
  const { collector, looks, send } = await setUp(rules)
  const looked = () => [...collector.exporters.all()].map(known => looks.of(known)?.incoming)

  send(netflow5([record5(), record5()]))
  send(netflow5([record5()]), EDGE + (1 << 24))

  assert.deepEqual(looked(), [2, undefined])
  collector.changeExporters({
    exporters: rules.map(rule => exporterSchema.parse(rule)),
    fallbackSamplingRate: 1,
    exportersMax: 100,
  })
  assert.deepEqual(looked(), [undefined, undefined])
})

test('metrics name the busiest exporters and put the others together', async () => {
  const { collector, send } = await setUp()
  for (let at = 0; at < 100; at++) send(netflow5([record5()]), 0x01_00_00_0a | (at << 8))
  const exporters = [...collector.exporters.all()].map(known => exporterFacts(known))
  const many = Array.from({ length: 3 }, (_, copy) =>
    exporters.map(one => ({ ...one, address: `${one.address}-${copy}` })),
  ).flat()
  const facts = {
    ...{
      exporters: many,
      refused: [],
      refusedDatagrams: 0,
      refusedByList: 0,
      overflowDatagrams: 0,
      strayDatagrams: 0,
    },
    ...{ datagrams: 300, drops: 0, queuedBytes: 0, connections: undefined },
    spread: { used: 0, refused: 0, lost: 0, beyondPackets: 0 },
  }
  const state = { worker: 0, listen: '0.0.0.0:2055', receiver: 'batch' as const, problem: undefined, facts }

  const values = [
    ...telemetrySource(
      { states: [{ ...state, receiveBytes: 1, wantedBytes: 1, silentSeconds: 0 }] },
      () => 0,
      () => 0,
    )(),
  ].filter(({ name }) => name === 'floodwarden_exporter_datagrams_total')

  assert.equal(joined(many).length, 300)
  assert.equal(values.length, 257)
  assert.equal(values.at(-1)?.labels?.['exporter'], 'other')
  assert.equal(
    values.reduce((sum, { value }) => sum + value, 0),
    300,
  )
})

test('a wall clock that is set makes no exporter silent', async () => {
  const { collector, send } = await setUp()
  const facts = () => [...collector.exporters.all()].map(known => exporterFacts(known))
  const state = { worker: 0, listen: '0.0.0.0:2055', receiver: 'batch' as const, problem: undefined }
  const states = () => [
    {
      ...{ ...state, receiveBytes: 1, wantedBytes: 1, silentSeconds: 0 },
      facts: { exporters: facts(), refused: [], spread: {} } as never,
    },
  ]

  send(netflow5([record5()]), EDGE, NOW, 5000)
  const wallMs = NOW + 86_400_000

  const [seen] = exportersView(states(), 10, false, { wallMs, now: 6000 }).exporters
  const silent = [
    ...telemetrySource(
      { states: states() },
      () => 6000,
      () => 0,
    )(),
  ].find(({ name }) => name === 'floodwarden_exporter_silent_seconds')
  assert.deepEqual([seen?.lastSeen, silent?.value], [new Date(wallMs - 1000).toISOString(), 1])
})

test('who leaves the list and comes back is not taught what he taught an earlier run', async () => {
  const definition = '010000020008000400020004'
  const templates = [{ version: 10, domain: 0, set: 2, usedMs: NOW - 1000, definition }]
  const { collector, send } = await setUp([], new Map([['192.0.2.1', { templates, rates: [] }]]))
  const known = () => [...collector.exporters.all()].map(({ state }) => state.templates)
  const change = (prefix: string) =>
    collector.changeExporters({
      exporters: [exporterSchema.parse({ prefix })],
      ...{ fallbackSamplingRate: 1, exportersMax: 100 },
    })

  send(netflow5([record5()]))
  const first = known()
  change('192.0.2.2')
  send(netflow5([record5()]))
  const second = known()
  change('192.0.2.1')
  send(netflow5([record5()]))

  assert.deepEqual([first, second, known()], [[1], [], [0]])
  assert.equal(collector.exporters.refusedDatagrams, 1)
})
