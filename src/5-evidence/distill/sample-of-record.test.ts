import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Bytes,
  ethernet,
  extension,
  filled,
  fragment6,
  icmp,
  ipv4,
  ipv6,
  tcp,
  udp,
} from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { LINK, Sample } from '#2-decode/sample.ts'
import { writeHeader } from '#3-traffic/record-header.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { PacketRecord } from '../evidence.ts'
import { examplePacket } from '../example.ts'
import { samplesOfRecords } from './sample-of-record.ts'

const only = (bytes: Bytes, changes: Partial<PacketRecord> = {}) => {
  const bytesCaptured = Uint8Array.from(bytes)
  const record = examplePacket({ bytesCaptured, bytes: bytes.length, ...changes })
  const [sample] = samplesOfRecords([record], false)
  assert.ok(sample)
  return sample
}

const v4 = (fields: Parameters<typeof ipv4>[0]) => ethernet(ETHER_TYPE.ipv4, ipv4(fields))
const v6 = (fields: Parameters<typeof ipv6>[0]) => ethernet(ETHER_TYPE.ipv6, ipv6(fields))

test('a UDP packet tells ports, IP length and the bit that forbids fragments', () => {
  const { packet, untold, weight } = only(
    v4({ protocol: 17, payload: udp(1900, 80, filled(100)), fragment: 0x4000 }),
    { weight: 7 },
  )

  assert.deepEqual(packet, {
    source: parseAddress('198.18.0.7'),
    target: parseAddress('10.99.1.250'),
    protocol: 17,
    sourcePort: 1900,
    targetPort: 80,
    length: 128,
    dscp: 0,
    fragment: 1,
  } satisfies Partial<Record<keyof Packet, unknown>>)
  assert.equal(untold, undefined)
  assert.equal(weight, 7)
})

test('the frame may be longer than the packet: padding counts nothing', () => {
  const frame = [...v4({ protocol: 6, payload: tcp(1, 443, 0x12) }), ...filled(6)]

  assert.equal(only(frame).packet.length, 40)
  assert.equal(only(frame).packet.tcpFlags, 0x12)
})

test('class, flow label and ICMP of an IPv6 packet', () => {
  const frame = v6({ next: 58, payload: icmp(128, 3) })
  // Traffic class 0xb8 (expedited forwarding, DSCP 46).
  frame[14] = 0x6b
  frame[15] = 0x81

  const { packet } = only(frame)

  assert.equal(packet.dscp, 46)
  assert.equal(packet.flowLabel, 0x12345)
  assert.equal(packet.icmpType, 128)
  assert.equal(packet.icmpCode, 3)
  assert.equal(packet.sourcePort, undefined)
})

test('fragments of both families are first, between or last, and only the first has ports', () => {
  const cases: [Bytes, number, number | undefined][] = [
    [v4({ protocol: 17, payload: udp(1, 2), fragment: 0x2000 }), 4, 2],
    [v4({ protocol: 17, payload: filled(16), fragment: 0x2010 }), 2, undefined],
    [v4({ protocol: 17, payload: filled(16), fragment: 0x0010 }), 10, undefined],
    [v6({ next: 44, payload: fragment6(17, 0, true, udp(1, 2)) }), 4, 2],
    [v6({ next: 44, payload: fragment6(17, 64, true, filled(16)) }), 2, undefined],
    [v6({ next: 0, payload: extension(44, fragment6(17, 64, false, filled(16))) }), 10, undefined],
  ]
  for (const [frame, fragment, targetPort] of cases) {
    const { packet, untold } = only(frame)

    assert.equal(packet.fragment, fragment)
    assert.equal(packet.targetPort, targetPort)
    assert.equal(untold, undefined)
  }
})

test('what a capture cut off is untold, what a packet does not have is absent', () => {
  const whole = v4({ protocol: 6, payload: tcp(1, 443, 2) })
  const cutFlags = only(whole.slice(0, 14 + 20 + 8), { bytes: whole.length })
  const cutPorts = only(whole.slice(0, 14 + 20 + 2), { bytes: whole.length })
  const short = only(v4({ protocol: 6, payload: [0, 1] }))

  assert.deepEqual(cutFlags.untold, ['tcp-flags'])
  assert.equal(cutFlags.packet.targetPort, 443)
  assert.deepEqual(cutPorts.untold, ['port', 'destination-port', 'source-port', 'tcp-flags'])
  assert.equal(short.untold, undefined)
  assert.equal(short.packet.targetPort, undefined)
})

test('a length that the header does not state comes from the wire and is untold', () => {
  const { packet, untold } = only(v4({ protocol: 17, payload: udp(1, 2, filled(50)), length: 0 }))

  assert.deepEqual(untold, ['packet-length'])
  assert.equal(packet.length, 78)
})

test('a flow record tells neither DSCP nor, of several packets, lengths and flags', () => {
  const sample = new Sample()
  Object.assign(sample, { family: 4, protocol: 6, sourcePort: 5, targetPort: 80, tcpFlags: 0x1b })
  const view = new DataView(new ArrayBuffer(64))
  const length = writeHeader(view, 0, sample, 700)
  const header = { bytesCaptured: new Uint8Array(view.buffer, 0, length), linkType: LINK.rawIp, bytes: 700 }

  const several = only([], { ...header, recordPackets: 12, weight: 12 })
  const one = only([], { ...header, recordPackets: 1 })

  assert.deepEqual(several.untold, ['dscp', 'flow-label', 'packet-length', 'tcp-flags', 'fragment'])
  assert.deepEqual(one.untold, ['dscp', 'flow-label', 'fragment'])
  assert.equal(one.packet.length, 700)
  assert.equal(several.packet.targetPort, 80)
})

test('records without bytes count by their numbers, those without addresses not at all', () => {
  const records = [
    examplePacket({ protocol: 6, tcpFlags: 2, bytes: 60 }),
    examplePacket({ source: '198.51.100.X' }),
  ]

  const [sample, ...others] = samplesOfRecords(records, false)

  assert.equal(sample?.packet.tcpFlags, 2)
  assert.ok(sample?.untold?.includes('packet-length'))
  assert.deepEqual(others, [])
})

test('inside tunnels a rule looks at the packet that is carried', () => {
  const inner = ipv4({ protocol: 17, payload: udp(53, 4242) })
  const record = examplePacket({
    bytesCaptured: Uint8Array.from(v4({ protocol: 4, payload: inner })),
  })

  const [outer] = samplesOfRecords([record], false)
  const [carried] = samplesOfRecords([record], true)

  assert.equal(outer?.packet.protocol, 4)
  assert.equal(carried?.packet.targetPort, 4242)
  assert.equal(carried?.packet.length, inner.length)
})
