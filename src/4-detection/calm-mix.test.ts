import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { LINK, Sample } from '#2-decode/sample.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import { CalmMixes, MIX_SAMPLES_MAX, MIX_SAMPLES_MIN, mixKeysOf, TARGETS_MAX } from './calm-mix.ts'
import { CalmRecord } from './calm-packet.ts'

const TCP = 6
const UDP = 17
const HOST = 1
type Packet = Parameters<typeof mixKeysOf>
/** A client of a web server of ours. */
const WEB = mixKeysOf(true, TCP, 443, 51_000, 1500)

function seen(mixes: CalmMixes, host: number, samples: number): void {
  for (let at = 0; at < samples; at++) add(mixes, host, [true, TCP, 443, 40_000 + at, 1500])
}

/** A packet of the host with this number: its key and, in the wire's order, the low bits of its address. */
function add(mixes: CalmMixes, host: number, [isIncoming, protocol, own, peer, bytes]: Packet): void {
  const sample = new Sample()
  const [sourcePort, targetPort] = isIncoming ? [peer, own] : [own, peer]
  Object.assign(sample, { family: 4, protocol, sourcePort, targetPort, ipLength: bytes, transportOffset: 20 })
  sample[isIncoming ? 'targetA' : 'sourceA'] = 10 | ((host & 255) << 24)
  const record = new CalmRecord()
  record.fill(sample, new DataView(new ArrayBuffer(40)), isIncoming, host, 0)
  mixes.add(record, 10)
}

test('a host has habits once enough of its calm was seen', () => {
  const mixes = new CalmMixes(1)

  seen(mixes, HOST, MIX_SAMPLES_MIN - 1)
  const before = mixes.familiar(HOST)
  seen(mixes, HOST, 1)

  assert.equal(before, undefined)
  assert.ok(mixes.familiar(HOST)?.has(WEB.own))
})

test('its own port with the same protocol, direction and length is familiar, whatever the port of the peer', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 100)
  const familiar = mixes.familiar(HOST)!
  const knows = (...packet: Packet) => {
    const { own, peer } = mixKeysOf(...packet)
    return familiar.has(own) || familiar.has(peer)
  }

  assert.equal(knows(true, TCP, 443, 60_001, 1480), true)
  assert.equal(knows(true, UDP, 443, 60_001, 1480), false)
  assert.equal(knows(true, TCP, 80, 60_001, 1480), false)
  assert.equal(knows(true, TCP, 443, 60_001, 60), false)
  assert.equal(knows(false, TCP, 443, 60_001, 1480), false)
  // The same port of the peer is not mistaken for one of our own.
  assert.equal(knows(true, TCP, 60_001, 443, 1480), false)
})

test('a reservoir keeps its size, and what is done now finds its way into it', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 100_000)
  const dns: Packet = [true, UDP, 53, 5353, 80]

  for (let at = 0; at < 5000; at++) add(mixes, HOST, dns)

  assert.equal(mixes.samplesOf(HOST), MIX_SAMPLES_MAX)
  assert.ok(mixes.familiar(HOST)?.has(mixKeysOf(...dns).own))
})

test('a scan over 65,536 hosts takes no more places, and does not push out who is busy', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 1000)

  for (let host = 2; host < 65_536; host++) seen(mixes, host, 1)

  assert.equal(mixes.count, TARGETS_MAX)
  assert.equal(mixes.samplesOf(HOST), 1000)
})

test('a host that takes the place of another has none of its habits', () => {
  const mixes = new CalmMixes(1)
  for (let host = 1; host <= TARGETS_MAX; host++) seen(mixes, host, 1)

  for (let host = 1; host <= 2 * TARGETS_MAX; host++)
    add(mixes, TARGETS_MAX + host, [true, UDP, 53, 5353, 80])
  const late = 3 * TARGETS_MAX
  for (let at = 0; at < MIX_SAMPLES_MIN; at++) add(mixes, late, [true, UDP, 53, 5353, 80])

  assert.equal(mixes.count, TARGETS_MAX)
  assert.equal(mixes.familiar(late)?.has(WEB.own), false)
})

test('the same samples leave the same reservoir', () => {
  const told = () => {
    const mixes = new CalmMixes(7)
    seen(mixes, HOST, 9000)
    return [...mixes.familiar(HOST)!]
  }

  assert.deepEqual(told(), told())
})

const PEER = '198.18.0.7'
const OUR_HOST = '10.0.0.1'
const ours = parsePrefix('10.0.0.0/30')!

/** All that was learned. */
const ALL = { nowSeconds: 100, beforeSeconds: 90 }

function packetOf(layers: readonly Layer[], isIncoming: boolean, told = 0) {
  const bytes = buildFrame([{ kind: 'ethernet' }, ...layers])
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const sample = new Sample()
  decodeFrame(frame, 0, bytes.length, LINK.ethernet, false, sample)
  const mixes = new CalmMixes(1)
  const record = new CalmRecord()
  record.fill(sample, frame, isIncoming, 7, told)
  mixes.add(record, 10)
  const all = parsePrefix(sample.family === 6 ? '2001:db8::/64' : '10.0.0.0/30')!
  assert.deepEqual(mixes.packetsOf([all], !isIncoming, 10, ALL), [])
  return mixes.packetsOf([all], isIncoming, 10, ALL)
}

const address = (text: string) => {
  const { family, value } = parsePrefix(text)!
  return { family, value }
}

test('a calm packet keeps all that a rule can look at', () => {
  const ip: Layer = { kind: 'ipv4', source: PEER, target: OUR_HOST }

  const [tcp] = packetOf(
    [ip, { kind: 'tcp', sourcePort: 50_000, targetPort: 443, flags: ['syn', 'ack'] }],
    true,
  )
  const [icmp] = packetOf([ip, { kind: 'icmp', type: 8, code: 0 }], true)
  const [sent] = packetOf(
    [
      { ...ip, source: OUR_HOST, target: PEER },
      { kind: 'udp', sourcePort: 53, targetPort: 4000 },
    ],
    false,
    5,
  )

  const ends = { source: address(PEER), target: address(OUR_HOST) }
  const { dscp, fragment } = tcp!.packet
  assert.deepEqual([dscp, fragment & ~1], [0, 0])
  assert.deepEqual(tcp, {
    packet: {
      ...ends,
      protocol: 6,
      length: 40,
      dscp,
      fragment,
      sourcePort: 50_000,
      targetPort: 443,
      tcpFlags: 0x12,
    },
    told: 0,
  })
  assert.deepEqual([icmp!.packet.icmpType, icmp!.packet.icmpCode, icmp!.packet.sourcePort], [8, 0, undefined])
  assert.deepEqual([sent!.packet.target, sent!.packet.targetPort, sent!.told], [address(PEER), 4000, 2])
})

test('of an IPv6 packet the address of the other end is not kept, its own is', () => {
  const [packet] = packetOf(
    [
      { kind: 'ipv6', source: '3fff::1', target: '2001:db8::7' },
      { kind: 'udp', sourcePort: 53, targetPort: 4000 },
    ],
    true,
  )

  assert.deepEqual([packet!.packet.source, packet!.packet.target], [address('::'), address('2001:db8::7')])
})

test('packets of a prefix are those of its hosts, of each as many as there is room for', () => {
  const mixes = new CalmMixes(1)
  for (const host of [1, 2, 9]) seen(mixes, host, 300)

  const packets = mixes.packetsOf([ours], true, 100, ALL)

  const hosts = packets.map(({ packet }) => Number(packet.target.value & 255n))
  assert.deepEqual(
    [hosts.filter(host => host === 1).length, hosts.filter(host => host === 2).length],
    [50, 50],
  )
  assert.equal(packets.length, 100)
})

test('what was learned shortly before a moment is not handed out, also when the clock has come round', () => {
  for (const began of [10, 2 ** 17 / 10 - 3]) {
    const mixes = new CalmMixes(1)
    for (let second = 0; second < 5; second++) {
      const record = new CalmRecord()
      const sample = Object.assign(new Sample(), { family: 4, targetA: 10 | (1 << 24), targetPort: second })
      record.fill(sample, new DataView(new ArrayBuffer(40)), true, HOST, 0)
      mixes.add(record, began + second)
    }

    const until = { nowSeconds: began + 20, beforeSeconds: began + 2.5 }

    assert.equal(mixes.packetsOf([ours], true, 100, until).length, 3)
  }
})
