// What sequence numbers, pools and drops say, per sub-agent and per source; agents behind one address; bounds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import { EXPORTER_LIMITS, ExporterState } from '#2-decode/exporter.ts'
import { Collector } from '#2-decode/flow-exports-for-tests.ts'
import { SOURCE_V6, udpFrame } from '#2-decode/frame/frames-for-tests.ts'
import { expireExporter } from '#2-decode/templates.ts'
import { counterSample, discardSample, expandedSample, flowSample, header, sflow } from './sflow-for-tests.ts'

const RATES = { override: 0, fallback: 1 }
const HEADER = header(udpFrame())
const known = (collector: Collector, branch = 0, agent = 0) =>
  collector.exporter.knownDomain(EXPORT_PROTOCOL.sflow, branch, agent)
const DAY_MS = 86_400_000

test('lost datagrams show in the sequence of each sub-agent by itself, and late ones are found', () => {
  const collector = new Collector()
  const samples = [1, 2, 3].map(() => flowSample([HEADER]))
  for (const [branch, sequence] of [
    [0, 100],
    [7, 5],
    [0, 101],
    [0, 112],
    [7, 6],
    [0, 105],
  ] as const)
    collector.decode(sflow(samples, { branch, sequence }))

  assert.deepEqual([known(collector)?.sequence.lost, known(collector)?.sequence.late], [9, 1])
  assert.equal(known(collector, 7)?.sequence.lost, 0)
})

test('an exporter that numbers samples in its datagrams is seen through', () => {
  const collector = new Collector()
  const samples = Array.from({ length: 5 }, () => flowSample([HEADER]))
  for (let i = 0; i < 40; i++) collector.decode(sflow(samples, { sequence: i * 5 }))

  assert.equal(known(collector)?.sequence.lost, 0)
})

test('lost samples show in the sequence of each source, whatever the form of the sample', () => {
  const collector = new Collector()
  const flow = (source: number, sequence: number) => flowSample([HEADER], { source, sequence })

  collector.decode(
    sflow([
      flow(3, 10),
      flow(4, 900),
      expandedSample([HEADER], { source: 3, sequence: 11 }),
      flow(3, 15),
      flow(4, 901),
      discardSample([HEADER], { source: 3, sequence: 1 }),
      discardSample([HEADER], { source: 3, sequence: 3 }),
      counterSample([], { source: 3, sequence: 77 }),
      flow(3, 13),
    ]),
  )

  assert.equal(collector.exporter.sflow.lostSamples, 3)
  assert.equal(known(collector)?.sources.flows.find(3)?.sequence.lost, 2)
  assert.equal(known(collector)?.sources.discards.find(3)?.sequence.lost, 1)
  assert.equal(known(collector)?.sources.count, 4)
})

test('sources of different classes are different sources', () => {
  const collector = new Collector()

  collector.decode(
    sflow([
      flowSample([HEADER], { source: 3, sourceClass: 0, sequence: 1 }),
      flowSample([HEADER], { source: 3, sourceClass: 1, sequence: 50 }),
      expandedSample([HEADER], { source: 3, sourceClass: 1, sequence: 51 }),
      flowSample([HEADER], { source: 3, sourceClass: 255, sequence: 9 }),
    ]),
  )

  assert.equal(collector.exporter.sflow.lostSamples, 0)
  assert.equal(known(collector)?.sources.count, 3)
  assert.deepEqual(
    collector.taken.map(({ sampler, direction }) => [sampler, direction]),
    [
      [3, 0],
      [2 ** 32 + 3, -1],
      [2 ** 32 + 3, -1],
      [255 * 2 ** 32 + 3, -1],
    ],
  )
})

test('the pool says how many packets could have been sampled, the drops how many the exporter could not send', () => {
  const collector = new Collector()
  const send = (sequence: number, pool: number, drops: number) =>
    collector.decode(sflow([flowSample([HEADER], { sequence, pool, drops })]))
  send(1, 0xffff_fc00, 0xffff_ffff)
  send(2, 0x400, 1)
  send(3, 0x800, 1)
  // A restart: totals begin anew.
  send(4, 5, 0)
  send(5, 1005, 3)

  const source = known(collector)?.sources.flows.find(3)
  assert.deepEqual([source?.samples, source?.pooled], [5, 3072 + 1000])
  assert.equal(collector.exporter.sflow.droppedByExporter, 2 + 3)
})

test('an exporter that began anew lost nothing', () => {
  const collector = new Collector()
  const send = (sequence: number, uptime: number, pool: number) =>
    collector.decode(sflow([flowSample([HEADER], { sequence, pool })], { sequence, uptime }))
  send(50, 9_000_000, 50_000)
  send(51, 9_001_000, 51_000)

  send(1, 3000, 1000)
  send(2, 4000, 2000)

  const { sflow: counted } = collector.exporter
  assert.deepEqual(
    [known(collector)?.sequence.lost, counted.lostSamples, counted.droppedByExporter],
    [0, 0, 0],
  )
  assert.equal(known(collector)?.sources.flows.find(3)?.pooled, 2000)
  assert.deepEqual(
    collector.exporter.takeEvents().filter(({ kind }) => kind === 'restarted'),
    [{ kind: 'restarted', domain: 0 }],
  )
})

test('agents behind one address are kept apart, whatever their addresses', () => {
  const collector = new Collector()
  const agents = [[192, 0, 2, 9], [192, 0, 2, 10], SOURCE_V6, []]
  for (let sequence = 1; sequence < 4; sequence++)
    for (const [index, agent] of agents.entries())
      collector.decode(sflow([flowSample([HEADER])], { agent, sequence: sequence + index * 100 }))

  const domains = [...collector.exporter.domains.values()]
  assert.deepEqual(
    domains.map(({ id, agent, sequence }) => [id, agent, sequence.lost]),
    [0, 1, 2, 3].map(agent => [0, agent, 0]),
  )
  assert.deepEqual(
    domains.map(({ agent }) => collector.exporter.agents.addressOf(agent)),
    [
      { family: 4, value: 0xc000_0209n },
      { family: 4, value: 0xc000_020an },
      { family: 6, value: 0x2001_0db8_fffe_fdfc_0102_0304_0506_0708n },
      undefined,
    ],
  )
})

test('agents and sub-agents beyond the bound are refused, and find room when others are forgotten', () => {
  const exporter = new ExporterState('192.0.2.1', RATES, { ...EXPORTER_LIMITS, domains: 4 })
  const collector = new Collector(exporter)
  const send = (last: number, branch = 0) =>
    collector.decode(sflow([flowSample([HEADER])], { agent: [192, 0, 2, last], branch }))
  for (let last = 1; last <= 10; last++) send(last)
  send(1, 99)
  assert.deepEqual(
    [collector.taken.length, exporter.domains.size, exporter.counters.refusedDomains],
    [4, 4, 7],
  )

  collector.nowMs += DAY_MS + 1
  send(1)
  expireExporter(exporter, collector.nowMs)
  for (let last = 20; last < 30; last++) send(last)

  assert.deepEqual([exporter.domains.size, exporter.counters.refusedDomains], [4, 14])
  assert.equal(exporter.sources, 4)
})

test('sources beyond the bound are counted and their packets too; silent ones give way', () => {
  const exporter = new ExporterState('192.0.2.1', RATES, { ...EXPORTER_LIMITS, sources: 10 })
  const collector = new Collector(exporter)
  const send = (first: number, count: number) => {
    for (let source = first; source < first + count; source++)
      collector.decode(sflow([flowSample([HEADER], { source })]))
  }
  send(1, 30)
  assert.deepEqual([exporter.sources, exporter.sflow.unfollowedSamples, collector.taken.length], [10, 20, 30])

  collector.nowMs += 700_000
  send(1, 1)
  send(100, 20)

  assert.equal(exporter.sources, 10)
  assert.equal(exporter.sflow.unfollowedSamples, 20 + 11)
  assert.equal(known(collector)?.sources.flows.find(1)?.samples, 2)
  expireExporter(exporter, collector.nowMs + DAY_MS + 1)
  assert.deepEqual([exporter.sources, exporter.domains.size], [0, 0])
})
