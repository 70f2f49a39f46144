import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VECTORS } from '#4-detection/vectors.ts'
import { processorMs } from '../../../test/processor-ms.ts'
import { AMPLIFIED, vectorOfReport } from './report-vector.ts'

interface Speeds {
  readonly tcp?: number
  readonly syn?: number
  readonly udp?: number
  readonly icmp?: number
}

/** As FastNetMon 1.2.4 writes its counters, of one direction; the other is quiet. */
function report({ tcp = 0, syn = 0, udp = 0, icmp = 0 }: Speeds, direction = 'Incoming', tail = ''): string {
  const other = direction === 'Incoming' ? 'Outgoing' : 'Incoming'
  const counters = Object.entries({ tcp, 'syn tcp': syn, udp, icmp }).flatMap(([name, pps]) => [
    `${direction} ${name} traffic: 0 mbps`,
    `${other} ${name} traffic: 0 mbps`,
    `${direction} ${name} pps: ${pps} packets per second`,
    `${other} ${name} pps: 0 packets per second`,
  ])
  return [
    'IP: 203.0.113.10',
    'Attack type: unknown',
    'Attack direction: incoming',
    'Attack protocol: udp',
    'Total incoming traffic: 0 mbps',
    ...counters,
    'Average packet size for incoming traffic: 512.0 bytes ',
    tail,
  ].join('\n')
}

const INCOMING = 'incoming'

test('counters decide, whatever other lines name', () => {
  assert.equal(vectorOfReport(report({ udp: 700_000, tcp: 900, syn: 40 }), INCOMING), 'udp_flood')
  assert.equal(vectorOfReport(report({ tcp: 90_000, syn: 88_000, udp: 12 }), INCOMING), 'syn_flood')
  assert.equal(vectorOfReport(report({ tcp: 90_000, syn: 500, udp: 12 }), INCOMING), 'ack_flood')
  assert.equal(vectorOfReport(report({ icmp: 50_000, udp: 12 }), INCOMING), 'icmp_flood')
})

test('counters of the other direction say nothing', () => {
  const text = report({ udp: 100 }, 'Incoming', 'Outgoing tcp pps: 90000 packets per second')

  assert.equal(vectorOfReport(text, 'incoming'), 'udp_flood')
  assert.equal(vectorOfReport(text, 'outgoing'), 'ack_flood')
})

test('bits decide when no packets are told', () => {
  assert.equal(
    vectorOfReport('Incoming udp traffic: 900 mbps\nIncoming tcp traffic: 3 mbps', INCOMING),
    'udp_flood',
  )
})

test('without counters whole words decide, SYN and ACK before UDP, and lines of zero do not', () => {
  assert.equal(vectorOfReport('SYN flood of an attacker', INCOMING), 'syn_flood')
  assert.equal(vectorOfReport('attack packets: many ICMP', INCOMING), 'icmp_flood')
  assert.equal(vectorOfReport('udp and syn', INCOMING), 'syn_flood')
  assert.equal(vectorOfReport('udp packets: 0 pps\nack packets: 12 pps', INCOMING), 'ack_flood')
  assert.equal(vectorOfReport('Attack type: syn_flood', INCOMING), 'syn_flood')
  assert.equal(vectorOfReport('attack, packets, synapse, stack', INCOMING), undefined)
  assert.equal(vectorOfReport(report({}).replace(/^Attack.*$/gm, ''), INCOMING), undefined)
})

test('ports of most of the UDP name an amplification', () => {
  const flows = [
    'UDP flows: 3',
    '203.0.113.10:4444 < 198.51.100.1:53 2800000 bytes 1000 packets',
    '203.0.113.10:4444 < 198.51.100.2:53 2800000 bytes 900 packets',
    '203.0.113.10:4444 < 198.51.100.3:9999 2800000 bytes 200 packets',
  ].join('\n')
  const tcpFlows = flows.replace('UDP', 'TCP')
  const packets =
    '2026-11-20 10:11:49.883663 2001:0db8::9:123 > 2001:0db8::1:80 protocol: udp frag: 0  packets: 1 size: 468 bytes'

  assert.equal(vectorOfReport(report({ udp: 9000 }, 'Incoming', flows), INCOMING), 'dns-amplification')
  assert.equal(vectorOfReport(report({ udp: 9000 }, 'Incoming', tcpFlows), INCOMING), 'udp_flood')
  assert.equal(vectorOfReport(report({ tcp: 9000 }, 'Incoming', flows), INCOMING), 'ack_flood')
  assert.equal(vectorOfReport(`IP: 2001:db8::1\nudp\n${packets}`, INCOMING), 'ntp-amplification')
  assert.equal(vectorOfReport(`IP: 2001:db8::9\nudp\n${packets}`, INCOMING), 'udp_flood')
  assert.equal(vectorOfReport(`IP: 2001:db8::9\nudp\n${packets}`, 'outgoing'), 'ntp-amplification')
  assert.equal(
    vectorOfReport(report({ udp: 9000 }, 'Incoming', flows.replaceAll(':53 ', ':9998 ')), INCOMING),
    'udp_flood',
  )
})

test('every name of the table of ports is a vector of ours', () => {
  const names = new Set(VECTORS.map(({ name }) => name))

  for (const name of AMPLIFIED.values()) assert.ok(names.has(name), name)
})

test('whatever stands in a report, it is read in no time and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), text => void vectorOfReport(text, INCOMING)),
  )
  const began = processorMs()
  for (const text of [
    'a:'.repeat(500_000),
    ' '.repeat(1_000_000),
    `x: 0${' a'.repeat(400_000)}!`,
    '1:1 > '.repeat(150_000),
  ])
    vectorOfReport(text, INCOMING)
  const took = processorMs() - began
  assert.ok(took < 1000, `${took} ms`)
})
