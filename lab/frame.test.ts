// Frames against hand-checked bytes, and the rule that every checksum sums up to ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addWords, checksumOf } from './checksum.ts'
import { buildFrame, layOut } from './frame.ts'
import { headerBytes, type IpLayer, type Layer, protocolOf } from './layer.ts'

const V4 = { kind: 'ipv4', source: '198.18.0.1', target: '10.10.10.10' } as const
const V6 = { kind: 'ipv6', source: '2001:db8:ffff::1', target: '2001:db8:10::10' } as const
const UDP = { kind: 'udp', sourcePort: 53, targetPort: 4000 } as const

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the checksum of the example of RFC 1071 is right', () => {
  const view = new DataView(new Uint8Array([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]).buffer)

  assert.equal(checksumOf(addWords(view, 0, 8)), ~0xddf2 & 0xffff)
})

test('a UDP packet has the bytes of the standards', () => {
  const frame = buildFrame(
    [{ kind: 'ethernet' }, V4, UDP, { kind: 'payload', bytes: new Uint8Array([1, 2]) }],
    0,
  )

  assert.equal(
    hex(frame),
    [
      '020000000099020000000001',
      '0800',
      '4500001e000000004011a0a8c61200010a0a0a0a',
      '00350fa0000a14dc0102',
    ].join(''),
  )
})

test('a short frame is padded and no length counts the padding', () => {
  const frame = buildFrame([
    { kind: 'ethernet' },
    V4,
    { kind: 'tcp', sourcePort: 1, targetPort: 2, flags: ['syn'] },
  ])

  assert.equal(frame.length, 60)
  assert.equal(new DataView(frame.buffer).getUint16(16), 40)
})

test('VLAN tags, MPLS labels and PPPoE name what follows them', () => {
  const tagged = buildFrame([
    { kind: 'ethernet' },
    { kind: 'vlan', id: 100, service: true },
    { kind: 'vlan', id: 7 },
    V6,
    UDP,
  ])
  const labelled = buildFrame([
    { kind: 'ethernet' },
    { kind: 'mpls', label: 16 },
    { kind: 'mpls', label: 17 },
    V4,
    UDP,
  ])
  const session = buildFrame([{ kind: 'ethernet' }, { kind: 'pppoe', session: 5 }, V4, UDP], 0)

  assert.equal(hex(tagged.subarray(12, 22)), '88a8006481000007' + '86dd')
  assert.equal(hex(labelled.subarray(12, 22)), '8847' + '0001004000011140')
  assert.equal(hex(session.subarray(12, 22)), '8864' + '11000005001e0021')
})

test('IPv4 options and fragment fields are written', () => {
  const options = buildFrame([{ kind: 'ethernet' }, { ...V4, options: new Uint8Array([7, 3, 4]) }, UDP])
  const later = buildFrame([
    { kind: 'ethernet' },
    { ...V4, fragment: { offset: 1480, more: true }, protocol: 17 },
    { kind: 'payload', bytes: 8 },
  ])

  assert.equal(hex(options.subarray(14, 15)), '46')
  assert.equal(hex(options.subarray(34, 38)), '07030400')
  assert.equal(hex(later.subarray(20, 22)), '20b9')
  assert.equal(later[23], 17)
})

test('IPv6 extension headers form a chain that ends in the transport', () => {
  const { bytes, layers } = layOut([
    { kind: 'ethernet' },
    V6,
    { kind: 'hop-by-hop' },
    { kind: 'routing', bytes: 24 },
    { kind: 'ipv6-fragment', place: { offset: 0, more: true } },
    { kind: 'authentication' },
    { kind: 'destination-options', bytes: 16 },
    UDP,
  ])
  const chain = layers.slice(2, 7).map(({ at }) => [bytes[at], bytes[at + 1]])

  assert.equal(bytes[14 + 6], 0)
  assert.deepEqual(chain, [
    [43, 0],
    [44, 2],
    [51, 0],
    [60, 4],
    [17, 1],
  ])
})

test('a tunnel carries a whole packet with its own checksums', () => {
  const { bytes, layers } = layOut([
    { kind: 'ethernet' },
    V4,
    { kind: 'gre', key: 9, checksum: true },
    V6,
    UDP,
  ])
  const view = new DataView(bytes.buffer)
  const gre = layers[2]

  assert.equal(bytes[23], 47)
  assert.equal(hex(bytes.subarray(34, 38)), 'a00086dd')
  assert.equal(checksumOf(addWords(view, gre?.at ?? 0, gre?.end ?? 0)), 0)
})

const port = fc.nat(65535)
const ip: fc.Arbitrary<IpLayer> = fc.constantFrom(V4, V6, { ...V4, options: new Uint8Array(8) })
const transport: fc.Arbitrary<Layer> = fc.oneof(
  fc.record({ kind: fc.constant('udp'), sourcePort: port, targetPort: port }),
  fc.record({ kind: fc.constant('tcp'), sourcePort: port, targetPort: port, flags: fc.constant(['ack']) }),
  fc.record({ kind: fc.constant('icmpv6'), type: fc.nat(255), identifier: port }),
) as fc.Arbitrary<Layer>

test('every checksum sums up to ones, whatever the packet', () => {
  fc.assert(
    fc.property(ip, transport, fc.uint8Array({ maxLength: 200 }), (ipLayer, transportLayer, payload) => {
      const frame = layOut([
        { kind: 'ethernet' },
        ipLayer,
        transportLayer,
        { kind: 'payload', bytes: payload },
      ])
      const view = new DataView(frame.bytes.buffer)
      const [, outer, inner] = frame.layers
      if (outer === undefined || inner === undefined) return
      const addresses =
        ipLayer.kind === 'ipv4' ? [outer.at + 12, outer.at + 20] : [outer.at + 8, outer.at + 40]
      const pseudo = addWords(
        view,
        addresses[0] ?? 0,
        addresses[1] ?? 0,
        (protocolOf(transportLayer) ?? 0) + inner.end - inner.at,
      )

      assert.equal(checksumOf(addWords(view, inner.at, inner.end, pseudo)), 0)
      if (ipLayer.kind === 'ipv4') {
        assert.equal(checksumOf(addWords(view, outer.at, outer.at + headerBytes(ipLayer))), 0)
      }
    }),
  )
})
