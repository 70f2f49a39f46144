import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Metric, NO_SPEEDS, type Speeds } from '#3-traffic/metric.ts'
import { classify } from './classify.ts'

const speeds = (named: Partial<Record<Metric, number>>): Speeds => ({ ...NO_SPEEDS, ...named })
const incoming = (named: Partial<Record<Metric, number>>) =>
  classify({ incoming: speeds({ bytes: 1, ...named }), outgoing: NO_SPEEDS }, 'budget')
const both = (one: Partial<Record<Metric, number>>, other: Partial<Record<Metric, number>>) =>
  classify({ incoming: speeds(one), outgoing: speeds(other) }, 'budget')

test('the direction with more packets is the one of the attack, and its packets are the power', () => {
  const { direction, power } = both({ packets: 5000.9, bytes: 1 }, { packets: 4000, bytes: 1e9 })

  assert.deepEqual({ direction, power }, { direction: 'incoming', power: 5000 })
  assert.equal(both({ packets: 4000 }, { packets: 5000 }).direction, 'outgoing')
})

test('with less than 1,000 packets between them the bytes decide, and a tie is outgoing', () => {
  assert.equal(both({ packets: 4001, bytes: 7 }, { packets: 5000, bytes: 6 }).direction, 'incoming')
  assert.equal(both({ packets: 4001, bytes: 7 }, { packets: 5001, bytes: 6 }).direction, 'outgoing')
  assert.equal(both({ packets: 5000, bytes: 7 }, { packets: 5000, bytes: 7 }).direction, 'outgoing')
  assert.equal(both({}, {}).direction, 'outgoing')
})

test('each type makes up more than nine tenths of the packets; one packet less and it is unknown', () => {
  for (const [metric, type] of [
    ['synPackets', 'syn_flood'],
    ['icmpPackets', 'icmp_flood'],
    ['fragmentPackets', 'ip_fragmentation'],
    ['udpPackets', 'udp_flood'],
  ] as const) {
    assert.equal(incoming({ packets: 10_000, [metric]: 9001 }).type, type)
    assert.equal(incoming({ packets: 10_000, [metric]: 9000 }).type, 'unknown')
  }
})

test('what is several things at once is called by the first of them', () => {
  const packets = 10_000

  assert.equal(incoming({ packets, synPackets: packets, tcpPackets: packets }).type, 'syn_flood')
  assert.equal(incoming({ packets, udpPackets: packets, fragmentPackets: packets }).type, 'ip_fragmentation')
  assert.equal(incoming({ packets, icmpPackets: packets, fragmentPackets: packets }).type, 'icmp_flood')
  assert.equal(incoming({ packets, tcpPackets: packets }).type, 'unknown')
  assert.equal(incoming({ packets, udpPackets: 6000, tcpPackets: 4000 }).type, 'unknown')
})

test('the protocol is the one with most packets, ties go to TCP and then UDP', () => {
  const protocol = (tcpPackets: number, udpPackets: number, icmpPackets: number) =>
    incoming({ packets: 100, tcpPackets, udpPackets, icmpPackets }).protocol

  assert.equal(protocol(5, 4, 4), 'tcp')
  assert.equal(protocol(4, 5, 4), 'udp')
  assert.equal(protocol(4, 4, 5), 'icmp')
  assert.equal(protocol(5, 5, 5), 'tcp')
  assert.equal(protocol(4, 5, 5), 'udp')
  assert.equal(protocol(0, 0, 0), 'unknown')
})

test('type and protocol are those of the direction of the attack', () => {
  const { direction, type, protocol } = both(
    { packets: 9000, udpPackets: 9000 },
    { packets: 20_000, synPackets: 19_000, tcpPackets: 20_000 },
  )

  assert.deepEqual(
    { direction, type, protocol },
    { direction: 'outgoing', type: 'syn_flood', protocol: 'tcp' },
  )
})

test('a host without traffic has no type', () => {
  assert.deepEqual(incoming({ bytes: 0 }), {
    direction: 'outgoing',
    power: 0,
    protocol: 'unknown',
    type: 'unknown',
  })
})

test('a flood of neither TCP, UDP nor ICMP is called TCP in plain mode, as FastNetMon does', () => {
  const gre = { incoming: speeds({ packets: 9000, bytes: 1 }), outgoing: NO_SPEEDS }

  assert.equal(classify(gre, 'plain').protocol, 'tcp')
  assert.equal(classify(gre, 'budget').protocol, 'unknown')
  assert.equal(classify(gre, 'plain').type, 'unknown')
})
