// sFlow, byte by byte: samples of both forms, headers of each protocol, lengths, rates, interfaces, discards.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExporterState } from '#2-decode/exporter.ts'
import { Collector, type Taken } from '#2-decode/flow-exports-for-tests.ts'
import { word } from '#2-decode/frame/decode-for-tests.ts'
import {
  ethernet,
  filled,
  ipv4,
  label,
  SOURCE_V4,
  SOURCE_V6,
  snap,
  TARGET_V4,
  TARGET_V6,
  tag,
  tcp,
  udpFrame,
  udpV4,
  udpV6,
} from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { LINK } from '#2-decode/sample.ts'
import {
  discardSample,
  ethernetFields,
  expandedSample,
  flowSample,
  header,
  ipFields,
  sflow,
  structure,
} from './sflow-for-tests.ts'

const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])
const decodeOne = (sample: readonly number[], collector = new Collector()) =>
  collector.decode(sflow([sample]))[0]

test('a compact sample: the packet in its header, its length, its rate, its interfaces', () => {
  const collector = new Collector()

  const [record, ...others] = collector.decode(
    sflow([flowSample([header(udpFrame(), { frameLength: 1400, stripped: 4 })])]),
  )

  assert.equal(others.length, 0)
  assert.deepEqual(pick(record, 'family', 'sourceA', 'targetA'), [4, word(SOURCE_V4), word(TARGET_V4)])
  assert.deepEqual(pick(record, 'protocol', 'sourcePort', 'targetPort', 'ttl'), [17, 1900, 80, 57])
  assert.deepEqual(pick(record, 'packets', 'bytes', 'strippedBytes', 'ipLength'), [1, 1396, 4, 46])
  assert.deepEqual(pick(record, 'rate', 'sampler'), [1000, 3])
  assert.deepEqual(pick(record, 'inputInterface', 'outputInterface', 'direction'), [3, 4, 0])
  assert.deepEqual(pick(record, 'isDropped', 'dropReason', 'durationMs'), [0, -1, 0])
  assert.equal(record?.['endMs'], collector.nowMs)
  const { counters, sflow: counted } = collector.exporter
  assert.deepEqual([counters.datagrams, counters.records, counters.taken, counters.malformed], [1, 1, 1, 0])
  assert.deepEqual([counted.flowSamples, counted.headers], [1, 1])
})

test('an expanded sample has room for large indexes', () => {
  const record = decodeOne(
    expandedSample([header(udpFrame())], {
      source: 0x9000_0001,
      input: [0, 0x9000_0000],
      output: [0, 0x9000_0001],
      rate: 4096,
    }),
  )

  assert.deepEqual(pick(record, 'inputInterface', 'outputInterface'), [0x9000_0000, 0x9000_0001])
  assert.deepEqual(pick(record, 'sampler', 'direction', 'rate'), [0x9000_0001, 1, 4096])
})

test('where the bytes of the packet stand is told, so that they can be kept', () => {
  const packet = udpFrame()
  const collector = new Collector()
  const before = 28 + 8 + 32 + 8 + 16

  const [frame] = collector.decode(sflow([flowSample([header(packet)])]))
  const [none] = collector.decode(sflow([flowSample([ipFields(SOURCE_V4, TARGET_V4)])]))

  assert.deepEqual(pick(frame, 'frameAt', 'frameLength', 'frameLink'), [
    64 + before,
    packet.length,
    LINK.ethernet,
  ])
  assert.deepEqual(pick(none, 'frameAt', 'frameLength', 'frameLink'), [0, 0, 0])
})

test('each header protocol that carries packets is followed', () => {
  const tagged = ethernet(ETHER_TYPE.customerTag, tag(9, ETHER_TYPE.ipv6, udpV6()))
  const kinds: readonly (readonly [number, readonly number[], number, number])[] = [
    [1, tagged, 6, LINK.ethernet],
    [7, [0xff, 3, 0, 0x21, ...udpV4()], 4, LINK.ppp],
    [7, [0x57, ...udpV6()], 6, LINK.ppp],
    [9, snap(ETHER_TYPE.ipv4, udpV4()), 4, LINK.atm],
    [10, udpV4(), 4, LINK.rawIp],
    [11, udpV4(), 4, LINK.rawIp],
    [12, udpV6(), 6, LINK.rawIp],
    [13, label(16, false, label(17, true, udpV6())), 6, LINK.mpls],
    [13, label(16, true, udpFrame()), 4, LINK.mpls],
    [14, [0xff, 3, 0, 0x57, ...udpV6()], 6, LINK.ppp],
  ]
  for (const [protocol, packet, family, link] of kinds) {
    const record = decodeOne(flowSample([header(packet, { protocol })]))

    assert.deepEqual(
      pick(record, 'family', 'targetPort', 'frameLink', 'bytes'),
      [family, 80, link, packet.length],
      `protocol ${protocol}`,
    )
  }
})

test('headers of protocols that are not followed are counted', () => {
  for (const protocol of [0, 2, 3, 4, 5, 6, 8, 15, 16, 17, 18, 0xffff_ffff]) {
    const collector = new Collector()

    collector.decode(sflow([flowSample([header(udpFrame(), { protocol })])]))

    const { counters, sflow: counted } = collector.exporter
    assert.deepEqual([collector.taken.length, counted.unknownHeaders, counters.undecodedFrames], [0, 1, 1])
  }
})

test('a frame that is not IP is no packet of a host, and no fault either', () => {
  const collector = new Collector()

  collector.decode(sflow([flowSample([header(ethernet(0x0806, filled(28)))])]))

  const { counters } = collector.exporter
  assert.deepEqual([counters.taken, counters.undecodedFrames, counters.malformed], [0, 1, 0])
})

test('lengths: what was stripped is told apart, what cannot be stripped is not, an unknown length is that of the packet', () => {
  const bytesOf = (frameLength: number, stripped: number) =>
    pick(decodeOne(flowSample([header(udpFrame(), { frameLength, stripped })])), 'bytes', 'strippedBytes')

  assert.deepEqual(bytesOf(1522, 8), [1514, 8])
  assert.deepEqual(bytesOf(1514, 0), [1514, 0])
  assert.deepEqual(bytesOf(64, 64), [64, 0])
  assert.deepEqual(bytesOf(64, 0xffff_fffc), [64, 0])
  assert.deepEqual(bytesOf(0, 4), [46, 0])
})

test('a frame longer than any is refused and counted', () => {
  for (const frameLength of [0x7fff_ffff, 0x8000_0000, 0xffff_ffff, (1 << 20) + 5]) {
    const collector = new Collector()

    collector.decode(sflow([flowSample([header(udpFrame(), { frameLength })])]))

    assert.deepEqual([collector.taken.length, collector.exporter.counters.implausible], [0, 1])
  }
})

test('a TCP header cut by the length of the sample keeps what is there', () => {
  const packet = ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 6, payload: tcp(1, 443, 2) }))

  const whole = decodeOne(flowSample([header(packet)]))
  const cut = decodeOne(flowSample([header(packet.slice(0, 38))]))

  assert.deepEqual(pick(whole, 'targetPort', 'tcpFlags', 'isCut'), [443, 2, 0])
  assert.deepEqual(pick(cut, 'targetPort', 'tcpFlags', 'isCut'), [443, 0, 1])
})

test('packets told in fields of IP, with the length of their frame when Ethernet tells it', () => {
  const tcpFields = { protocol: 6, ports: [40_000, 443], flags: 0x12, length: 60 } as const

  const four = decodeOne(flowSample([ipFields(SOURCE_V4, TARGET_V4, tcpFields)]))
  const six = decodeOne(flowSample([ethernetFields(82, 0x86dd), ipFields(SOURCE_V6, TARGET_V6, tcpFields)]))
  const icmp = decodeOne(flowSample([ipFields(SOURCE_V4, TARGET_V4, { protocol: 1, ports: [8, 0] })]))

  assert.deepEqual(pick(four, 'family', 'sourceA', 'targetA', 'protocol'), [
    4,
    word(SOURCE_V4),
    word(TARGET_V4),
    6,
  ])
  assert.deepEqual(
    pick(four, 'sourcePort', 'targetPort', 'tcpFlags', 'bytes', 'ipLength'),
    [40_000, 443, 0x12, 60, 60],
  )
  assert.deepEqual(pick(six, 'family', 'sourceD', 'targetB', 'bytes', 'strippedBytes'), [
    6,
    word(SOURCE_V6, 12),
    word(TARGET_V6, 4),
    78,
    4,
  ])
  assert.deepEqual(pick(icmp, 'protocol', 'sourcePort', 'targetPort', 'icmpType'), [1, 0, 0, 0])
})

test('the header says more than the fields beside it, and the fields more than a header that is not followed', () => {
  const fields = ipFields(SOURCE_V4, TARGET_V4, { ports: [1, 2] })

  const both = decodeOne(flowSample([fields, header(udpFrame())]))
  const foreign = decodeOne(flowSample([header(udpFrame(), { protocol: 5 }), fields]))

  assert.deepEqual(pick(both, 'sourcePort', 'frameLength'), [1900, udpFrame().length])
  assert.deepEqual(pick(foreign, 'sourcePort', 'frameLength'), [1, 0])
})

test('a sample without a packet is no packet from nowhere to nowhere', () => {
  const collector = new Collector()

  collector.decode(
    sflow([flowSample([]), flowSample([ethernetFields(64)]), flowSample([structure(1001, filled(16, 0))])]),
  )

  assert.deepEqual([collector.taken.length, collector.exporter.counters.withoutAddress], [0, 3])
})

test('an output that says discarded is a drop with its reason, several outputs are none', () => {
  for (const sample of [flowSample, expandedSample]) {
    const dropped = decodeOne(sample([header(udpFrame())], { output: [1, 258] }))
    const flooded = decodeOne(sample([header(udpFrame())], { output: [2, 7] }))
    const internal = decodeOne(sample([header(udpFrame())], { input: [0, 0x3fff_ffff], output: [0, 9] }))

    assert.deepEqual(pick(dropped, 'isDropped', 'dropReason', 'outputInterface'), [1, 258, 0])
    assert.deepEqual(pick(flooded, 'isDropped', 'dropReason', 'outputInterface'), [0, -1, 0])
    assert.deepEqual(pick(internal, 'inputInterface', 'outputInterface', 'direction'), [0, 9, -1])
  }
})

test('a discarded packet stands for itself, whatever rates are set', () => {
  const collector = new Collector(new ExporterState('192.0.2.1', { override: 500, fallback: 1 }))

  const [record, sampled] = collector.decode(
    sflow([
      discardSample([header(udpFrame())], { reason: 0, input: [0, 7], output: [0, 8] }),
      flowSample([header(udpFrame())]),
    ]),
  )

  assert.deepEqual(pick(record, 'isDropped', 'dropReason', 'rate', 'packets'), [1, 0, 1, 1])
  assert.deepEqual(pick(record, 'inputInterface', 'outputInterface', 'sampler'), [7, 8, 3])
  assert.deepEqual(pick(sampled, 'isDropped', 'dropReason', 'rate'), [0, -1, 500])
  assert.equal(collector.exporter.sflow.discardSamples, 1)
})

test('a rate of 0 or beyond belief is refused: the last good one of the source, of the domain, or the fallback stands', () => {
  const collector = new Collector(new ExporterState('192.0.2.1', { override: 0, fallback: 77 }))
  const rateOf = (rate: number, source: number) =>
    decodeOne(flowSample([header(udpFrame())], { rate, source }), collector)?.['rate']

  assert.deepEqual(
    [
      rateOf(0, 3),
      rateOf(512, 3),
      rateOf(0, 3),
      rateOf(0, 4),
      rateOf(0xffff_ffff, 3),
      rateOf(1, 4),
      rateOf(0, 3),
    ],
    [77, 512, 512, 512, 512, 1, 512],
  )
  assert.equal(collector.exporter.counters.refusedRates, 5)
})

test('a rate is told once, not once for each of many sources, and again when it changes', () => {
  const collector = new Collector()
  const send = (rate: number, source: number) =>
    collector.decode(sflow([flowSample([header(udpFrame())], { rate, source })]))
  for (let port = 1; port <= 48; port++) send(1000, port)
  send(1000, 1)
  send(2000, 1)

  const events = collector.exporter.takeEvents()

  assert.deepEqual(events, [
    { kind: 'rateChanged', domain: 0, sampler: 1, from: 0, to: 1000 },
    { kind: 'rateChanged', domain: 0, sampler: 1, from: 1000, to: 2000 },
  ])
})
