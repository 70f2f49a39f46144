// Records beside the packet: switch, gateway, tags, tunnels; and padding as vendors have it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Collector, type Taken } from '#2-decode/flow-exports-for-tests.ts'
import { word } from '#2-decode/frame/decode-for-tests.ts'
import {
  ethernet,
  filled,
  ipv4,
  SOURCE_V4,
  SOURCE_V6,
  TARGET_V4,
  tag,
  u32,
  udp,
  udpFrame,
  udpV4,
  udpV6,
} from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { RECORD } from './formats.ts'
import {
  address,
  flowSample,
  gatewayData,
  header,
  ipContent,
  opaque,
  routerData,
  type Segment,
  sflow,
  structure,
  switchData,
  vlanStack,
} from './sflow-for-tests.ts'

const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])
const HEADER = header(udpFrame())
const UNKNOWN = 0xffff_ffff

function decodeWith(records: readonly (readonly number[])[], collector = new Collector()) {
  return collector.decode(sflow([flowSample(records)]))[0]
}

test('the VLAN of a packet without a tag is that of the switch, if it is known', () => {
  const tagged = header(ethernet(ETHER_TYPE.customerTag, tag(9, ETHER_TYPE.ipv4, udpV4())))
  const vlans = [switchData(42), switchData(0), switchData(UNKNOWN), switchData(4095)].map(
    record => decodeWith([HEADER, record])?.['vlan'],
  )

  assert.deepEqual(vlans, [42, 0, 0, 0])
  assert.equal(decodeWith([tagged, switchData(42)])?.['vlan'], 9)
})

test('tags that were taken off before the packet was sampled are the outermost', () => {
  const tagged = header(ethernet(ETHER_TYPE.customerTag, tag(9, ETHER_TYPE.ipv4, udpV4())))

  const vlans = [
    vlanStack(RECORD.vlanTunnel, [0x6000 | 100, 200]),
    vlanStack(RECORD.vlanIn, [300]),
    vlanStack(RECORD.vlanTunnel, []),
    vlanStack(RECORD.vlanOut, [400]),
  ].map(record => decodeWith([record, tagged])?.['vlan'])

  assert.deepEqual(vlans, [100, 300, 9, 9])
})

test('a gateway tells the systems of source and target, by the path', () => {
  const sequence = (...systems: number[]): Segment => ({ kind: 'sequence', systems })
  const set = (...systems: number[]): Segment => ({ kind: 'set', systems })
  const systems = (source: number, path: readonly Segment[], nextHop: readonly number[] = [192, 0, 2, 1]) =>
    pick(decodeWith([gatewayData({ source, path, nextHop }), HEADER]), 'sourceAs', 'targetAs')

  assert.deepEqual(systems(64_501, [sequence(64_502, 64_503, 64_504)]), [64_501, 64_504])
  assert.deepEqual(
    systems(64_501, [sequence(64_502), sequence(64_503, 4_200_000_000)]),
    [64_501, 4_200_000_000],
  )
  assert.deepEqual(systems(64_501, [sequence(64_502), set(64_600, 64_601)]), [64_501, 64_502])
  assert.deepEqual(systems(64_501, [sequence(64_502), set(64_600)]), [64_501, 64_600])
  assert.deepEqual(systems(64_501, [set(64_600, 64_601), sequence(64_502)]), [64_501, 64_502])
  assert.deepEqual(systems(64_501, [sequence(64_502), sequence()]), [64_501, 64_502])
  assert.deepEqual(systems(0, []), [64_500, 64_500], 'none is the own one')
  assert.deepEqual(systems(64_501, [sequence(64_502)], SOURCE_V6), [64_501, 64_502])
  assert.deepEqual(systems(64_501, [sequence(64_502)], []), [64_501, 64_502])
})

test('the systems of one packet are not those of the next', () => {
  const collector = new Collector()

  const [with_, without] = collector.decode(
    sflow([flowSample([HEADER, gatewayData({ source: 64_501 })]), flowSample([HEADER])]),
  )

  assert.deepEqual(pick(with_, 'sourceAs', 'targetAs'), [64_501, 64_500])
  assert.deepEqual(pick(without, 'sourceAs', 'targetAs'), [0, 0])
})

test('paths longer than their record are malformed, and the packet counts', () => {
  const long: Segment = { kind: 'sequence', systems: [64_502], stated: 0x4000_0001 }
  const forms = [
    gatewayData({ path: [long] }),
    gatewayData({ path: [{ ...long, stated: UNKNOWN }] }),
    gatewayData({ path: [{ ...long, stated: 6 }] }),
    gatewayData({ statedSegments: 0x7fff_ffff }),
    gatewayData({ statedSegments: UNKNOWN }),
    structure(RECORD.gateway, [...u32(3), ...filled(40, 0)]),
    structure(RECORD.gateway, [...address(SOURCE_V6), ...filled(12, 0)]),
    structure(RECORD.gateway, filled(16, 0)),
  ]
  for (const [index, form] of forms.entries()) {
    const collector = new Collector()

    const record = decodeWith([HEADER, form], collector)

    assert.equal(record?.['targetPort'], 80)
    assert.equal(collector.exporter.counters.malformed, 1, `form ${index}`)
  }
})

test('what is no part of a packet as it was seen is skipped and counted', () => {
  const collector = new Collector()
  const nat = structure(RECORD.nat, [...address([192, 0, 2, 77]), ...address([192, 0, 2, 78])])
  const stack = (labels: readonly number[]) => [...u32(labels.length), ...labels.flatMap(u32)]
  const mpls = structure(RECORD.mpls, [...address([192, 0, 2, 1]), ...stack([0x10_140]), ...stack([])])
  const outer = ipContent([192, 0, 2, 3], [192, 0, 2, 4], { protocol: 47 })

  const record = decodeWith(
    [
      ...[routerData([192, 0, 2, 1]), nat, structure(RECORD.natPort, [...u32(1), ...u32(2)]), mpls],
      structure(RECORD.mplsTunnel, [...opaque([65, 66, 67]), ...u32(1), ...u32(0)]),
      structure(RECORD.mplsCircuit, [...opaque([65]), ...u32(1), ...u32(0)]),
      structure(RECORD.mplsFtn, [...opaque([]), ...u32(24)]),
      structure(RECORD.mplsLdpFec, u32(24)),
      structure(RECORD.ipv4TunnelIngress, outer),
      structure(RECORD.ipv4TunnelEgress, outer),
      structure(RECORD.virtualNetworkIngress, u32(5000)),
      structure(1004, [...u32(106), ...opaque([97, 98]), ...u32(106), ...opaque([99])]),
      structure((8800 << 12) | 1, filled(20, 1)),
      HEADER,
    ],
    collector,
  )

  assert.deepEqual(pick(record, 'sourceA', 'targetA', 'protocol'), [word(SOURCE_V4), word(TARGET_V4), 17])
  const { sflow: counted, counters } = collector.exporter
  const { routerRecords, natRecords, mplsRecords, tunnelRecords, otherRecords } = counted
  assert.deepEqual([routerRecords, natRecords, mplsRecords, tunnelRecords, otherRecords], [1, 2, 5, 3, 2])
  assert.equal(counters.malformed, 0)
})

test('inside tunnels: the exporter tells where the packet within begins, be it a frame or IP', () => {
  const inner = ipv4({ protocol: 17, payload: udp(5, 6) })
  const vxlan = ethernet(
    ETHER_TYPE.ipv4,
    ipv4({
      protocol: 17,
      payload: udp(4789, 4789, [8, 0, 0, 0, 0, 0, 9, 0, ...ethernet(ETHER_TYPE.ipv4, inner)]),
    }),
  )
  const bare = ethernet(ETHER_TYPE.ipv6, [...udpV6(), ...inner])
  const decode = (packet: readonly number[], offset: number, insideTunnels: boolean) => {
    const collector = new Collector()
    collector.exporter.insideTunnels = insideTunnels
    return pick(
      decodeWith([structure(RECORD.decapsulateEgress, u32(offset)), header(packet)], collector),
      'family',
      'targetPort',
    )
  }

  assert.deepEqual(decode(vxlan, 50, true), [4, 6])
  assert.deepEqual(decode(bare, bare.length - inner.length, true), [4, 6])
  assert.deepEqual(decode(vxlan, 50, false), [4, 4789])
  for (const offset of [0, 49, vxlan.length, 0x7fff_ffff, UNKNOWN])
    assert.deepEqual(decode(vxlan, offset, true), [4, 4789], `offset ${offset}`)
})

test('padding behind records, samples and datagrams is tolerated and counted (Brocade)', () => {
  const collector = new Collector()
  const sample = flowSample([HEADER], { padding: 4 })

  collector.decode([...sflow([sample, sample]), ...filled(6, 0)])

  const { sflow: counted, counters } = collector.exporter
  assert.deepEqual([collector.taken.length, counted.paddedSamples, counted.paddedDatagrams], [2, 2, 1])
  assert.equal(counters.malformed, 0)
})

test('a header whose length is no multiple of four is padded, and the last padding may be missing', () => {
  for (const extra of [0, 1, 2, 3]) {
    const collector = new Collector()
    const packet = [...udpFrame(), ...filled(extra)]
    const record = header(packet)
    const unpadded = record.slice(0, 24 + packet.length)
    // The record, too, states its length without the padding.
    unpadded.splice(4, 4, ...u32(16 + packet.length))

    collector.decode(sflow([flowSample([record, switchData(7)])]))
    collector.decode(sflow([structure(1, [...flowSample([]).slice(8, 36), ...u32(1), ...unpadded])]))

    assert.deepEqual(
      collector.taken.map(({ vlan, frameLength }) => [vlan, frameLength]),
      [
        [7, packet.length],
        [0, packet.length],
      ],
    )
    assert.equal(collector.exporter.counters.malformed, 0)
  }
})
