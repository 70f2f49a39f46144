import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExporterState } from '#2-decode/exporter.ts'
import { KnownExporter } from '#2-decode/exporter-list.ts'
import { DIRECTION, FlowRecord } from '#2-decode/flow-record.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { RecordLooks } from './record-looks.ts'

const exporter = (address: string) =>
  new KnownExporter(
    new ExporterState(address, { override: 0, fallback: 1 }),
    undefined,
    4,
    [0, 0, 0, 0],
    undefined,
  )

/** 10.99.1.x is ours. */
const NETWORKS = prefixesOf(['10.99.1.0/24', '2001:db8:99::/48'])
const ours = (host: number) => word(10, 99, 1, host)
const word = (a: number, b: number, c: number, d: number) => a | (b << 8) | (c << 16) | (d << 24)

interface Flow {
  readonly source?: number
  readonly target?: number
  readonly port?: number
  readonly direction?: number
}

function record({ source = word(198, 18, 0, 7), target = ours(5), port = 4000, direction = -1 }: Flow) {
  const made = new FlowRecord()
  Object.assign(made.sample, { family: 4, sourceA: source, targetA: target, sourcePort: port })
  Object.assign(made.sample, { targetPort: 80, protocol: 17 })
  made.direction = direction
  return made
}

test('records are told apart by direction, and by where they were watched', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')
  const outside = word(198, 18, 0, 7)
  const seen: Flow[] = [
    { direction: DIRECTION.ingress },
    { port: 1, direction: DIRECTION.egress },
    { port: 2 },
    { source: ours(1), target: outside, direction: DIRECTION.egress },
    { source: ours(1), target: outside, port: 1, direction: DIRECTION.ingress },
    { source: ours(1), target: ours(2) },
    { source: outside, target: word(198, 18, 0, 9) },
  ]

  for (const flow of seen) looks.see(record(flow), edge)

  assert.deepEqual(looks.of(edge), {
    ...{ records: 7, incoming: 3, outgoing: 2, internal: 1, other: 1, bothWays: 0, alsoFrom: new Map() },
    ...{ incomingIngress: 1, incomingEgress: 1, outgoingIngress: 1, outgoingEgress: 1 },
  })
})

test('IPv6 addresses are found in our networks too', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')
  const made = new FlowRecord()
  const [a, b] = [word(0x20, 0x01, 0x0d, 0xb8), word(0, 0x99, 0, 0)]
  Object.assign(made.sample, { family: 6, targetA: a, targetB: b, targetD: 1, sourceA: a, sourceD: 2 })

  looks.see(made, edge)

  assert.equal(looks.of(edge)?.incoming, 1)
})

test('a flow of which one exporter tells coming in and going out is seen, one that is told again is not', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')

  for (let port = 0; port < 10; port++) {
    looks.see(record({ port, direction: DIRECTION.ingress }), edge)
    looks.see(record({ port, direction: DIRECTION.egress }), edge)
    looks.see(record({ port: 100 + port, direction: DIRECTION.ingress }), edge)
    looks.see(record({ port: 100 + port, direction: DIRECTION.ingress }), edge)
  }

  assert.equal(looks.of(edge)?.bothWays, 10)
})

test('a flow of which another exporter told is counted with its address, but not after long', () => {
  const looks = new RecordLooks(NETWORKS)
  const [edge, core] = [exporter('192.0.2.1'), exporter('192.0.2.2')]
  looks.pace(1000)
  for (let port = 0; port < 10; port++) looks.see(record({ port }), edge)
  looks.pace(60_000)
  for (let port = 5; port < 15; port++) looks.see(record({ port }), core)
  looks.pace(190_000)
  for (let port = 0; port < 15; port++) looks.see(record({ port }), edge)

  assert.deepEqual([...(looks.of(core)?.alsoFrom ?? [])], [['192.0.2.1', 5]])
  assert.deepEqual([...(looks.of(edge)?.alsoFrom ?? [])], [])
})

test('the other way of a flow is another flow', () => {
  const looks = new RecordLooks(NETWORKS)
  const [edge, core] = [exporter('192.0.2.1'), exporter('192.0.2.2')]

  looks.see(record({}), edge)
  const back = record({})
  back.reverse()
  looks.see(back, core)

  assert.equal(looks.of(core)?.alsoFrom.size, 0)
})

test('however many come, so many are looked at within a second, and whole flows of them', () => {
  const looks = new RecordLooks(NETWORKS)
  const [edge, core] = [exporter('192.0.2.1'), exporter('192.0.2.2')]
  let before = 0
  const perSecond: number[] = []

  for (let second = 1; second <= 30; second++) {
    looks.pace(second * 1000)
    for (let at = 0; at < 20_000; at++) {
      const flow = record({ source: at + second * 20_000, port: at & 0xffff })
      looks.see(flow, edge)
      looks.see(flow, core)
    }
    // Halved now and then, so what one second adds is looked at only where it grew.
    const now = (looks.of(edge)?.records ?? 0) + (looks.of(core)?.records ?? 0)
    if (now > before) perSecond.push(now - before)
    before = now
  }

  assert.ok(perSecond.length >= 25 && perSecond.every(count => count <= 256), `${perSecond}`)
  const { records = 0, alsoFrom } = looks.of(core) ?? {}
  assert.ok((alsoFrom?.get('192.0.2.1') ?? 0) > records * 0.9, `${alsoFrom?.get('192.0.2.1')} of ${records}`)
})

test('when less comes again, more flows are chosen again', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')
  const second = (at: number, count: number) => {
    looks.pace(at * 1000)
    for (let port = 0; port < count; port++) looks.see(record({ source: at, port }), edge)
  }
  for (let at = 1; at <= 20; at++) second(at, 50_000)
  for (let at = 21; at <= 40; at++) second(at, 20)
  const before = looks.of(edge)?.records ?? 0

  second(41, 20)

  assert.equal((looks.of(edge)?.records ?? 0) - before, 20)
})

test('shares are those of lately, and other exporters have a bound', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')
  for (let at = 0; at < 100; at++) {
    looks.pace(at * 1000)
    looks.see(record({ port: at }), exporter(`203.0.113.${at}`))
    looks.see(record({ port: at }), edge)
  }
  assert.equal(looks.of(edge)?.alsoFrom.size, 8)

  for (let at = 0; at < 200; at++) {
    looks.pace((100 + at) * 1000)
    for (let port = 0; port < 256; port++)
      looks.see(record({ source: at, target: word(1, 1, 1, 1), port }), edge)
  }

  const { records = 0, other = 0, incoming, alsoFrom } = looks.of(edge) ?? {}
  assert.ok(records <= 4096 && other > records * 0.99, `${other} of ${records}`)
  assert.deepEqual([incoming, alsoFrom?.size], [0, 0])
})

test('other networks and other rules begin anew', () => {
  const looks = new RecordLooks(NETWORKS)
  const edge = exporter('192.0.2.1')
  looks.see(record({ target: word(203, 0, 113, 1) }), edge)
  assert.equal(looks.of(edge)?.other, 1)

  looks.changeNetworks(prefixesOf(['203.0.113.0/24']))
  assert.equal(looks.of(edge), undefined)
  looks.see(record({ target: word(203, 0, 113, 1) }), edge)

  assert.deepEqual([looks.of(edge)?.other, looks.of(edge)?.incoming], [0, 1])
})
