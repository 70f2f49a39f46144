import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SPEEDS } from '#3-traffic/metric.ts'
import { exampleAttack, exampleFlows, examplePacket, speedsWith } from './example.ts'
import { reportOf } from './report.ts'
import { banText, countersText, detailsText, headText, type TextStyle } from './report-text.ts'

const STYLE: TextStyle = {
  recordCount: 2,
  addressForm: 'canonical',
  localTime: micros => `2026-01-15 12:00:00.${String(micros % 1_000_000).padStart(6, '0')}`,
}

// 62,500,000 bytes/s are 500 Mbit/s; one byte less are 499.
const FLOOD = exampleAttack({
  direction: 'outgoing',
  type: 'syn_flood',
  protocol: 'tcp',
  power: 1234.9,
  peak: 5678.9,
  speeds: {
    incoming: speedsWith({ packets: 3, bytes: 1000, icmpPackets: 3, icmpBytes: 1000 }),
    outgoing: speedsWith({
      packets: 1234.9,
      bytes: 62_499_999,
      flows: 77.7,
      tcpPackets: 1200,
      tcpBytes: 62_500_000,
      synPackets: 1100,
      synBytes: 1_000_000,
      udpPackets: 20,
      udpBytes: 125_000,
      fragmentPackets: 5,
      fragmentBytes: 250_000,
    }),
  },
  averages: { incoming: NO_SPEEDS, outgoing: speedsWith({ packets: 999, bytes: 12_500_000, flows: 50 }) },
})

const COUNTERS = `IP: 192.0.2.1
Attack type: syn_flood
Initial attack power: 1234 packets per second
Peak attack power: 5678 packets per second
Attack direction: outgoing
Attack protocol: tcp
Total incoming traffic: 0 mbps
Total outgoing traffic: 499 mbps
Total incoming pps: 3 packets per second
Total outgoing pps: 1234 packets per second
Total incoming flows: 0 flows per second
Total outgoing flows: 77 flows per second
Average incoming traffic: 0 mbps
Average outgoing traffic: 100 mbps
Average incoming pps: 0 packets per second
Average outgoing pps: 999 packets per second
Average incoming flows: 0 flows per second
Average outgoing flows: 50 flows per second
Incoming ip fragmented traffic: 0 mbps
Outgoing ip fragmented traffic: 2 mbps
Incoming ip fragmented pps: 0 packets per second
Outgoing ip fragmented pps: 5 packets per second
Incoming tcp traffic: 0 mbps
Outgoing tcp traffic: 500 mbps
Incoming tcp pps: 0 packets per second
Outgoing tcp pps: 1200 packets per second
Incoming syn tcp traffic: 0 mbps
Outgoing syn tcp traffic: 8 mbps
Incoming syn tcp pps: 0 packets per second
Outgoing syn tcp pps: 1100 packets per second
Incoming udp traffic: 0 mbps
Outgoing udp traffic: 1 mbps
Incoming udp pps: 0 packets per second
Outgoing udp pps: 20 packets per second
Incoming icmp traffic: 0 mbps
Outgoing icmp traffic: 0 mbps
Incoming icmp pps: 3 packets per second
Outgoing icmp pps: 0 packets per second

Average packet size for incoming traffic: 333.3 bytes 
Average packet size for outgoing traffic: 50611.4 bytes 
`

test('counters are whole numbers, rounded down, in the order of FastNetMon', () => {
  const text = countersText(reportOf({ attack: FLOOD, flows: [], packets: [] }), STYLE)

  assert.equal(text, COUNTERS)
})

test('a ban report shows one flow more than the record count, then says that it is cropped', () => {
  const report = reportOf({ attack: FLOOD, flows: exampleFlows(4), packets: [] })

  const text = banText(report, STYLE)

  assert.equal(
    text,
    `${COUNTERS}Incoming

UDP flows: 3000
192.0.2.1:80 < 198.51.100.1:1024 800 bytes 4 packets
192.0.2.1:80 < 198.51.100.2:1025 800 bytes 4 packets
192.0.2.1:80 < 198.51.100.3:1026 800 bytes 4 packets
Flows have cropped due to very long list.

`,
  )
})

test('a section that is shown completely is not called cropped', () => {
  const [section] = exampleFlows(2)
  const flow = { ...section!.flows[0]!, direction: 'outgoing', protocol: 'tcp' } as const
  const report = reportOf({
    attack: FLOOD,
    flows: [
      { direction: 'incoming', protocol: 'udp', count: 2, flows: section!.flows },
      { direction: 'outgoing', protocol: 'tcp', count: 1, flows: [flow] },
      { direction: 'outgoing', protocol: 'udp', count: 0, flows: [] },
    ],
    packets: [],
  })

  const text = banText(report, STYLE)

  assert.equal(
    text,
    `${COUNTERS}Incoming

UDP flows: 2
192.0.2.1:80 < 198.51.100.1:1024 800 bytes 4 packets
192.0.2.1:80 < 198.51.100.2:1025 800 bytes 4 packets

Outgoing

TCP flows: 1
192.0.2.1:80 > 198.51.100.1:1024 800 bytes 4 packets

`,
  )
})

test('without flows a ban report ends with the packet sizes', () => {
  assert.equal(banText(reportOf({ attack: FLOOD, flows: [], packets: [] }), STYLE), COUNTERS)
})

test('details show packets after two empty lines; spaces inside and at the end of a line are kept', () => {
  const packets = [
    examplePacket({ timeMicros: 42 }),
    examplePacket({
      protocol: 6,
      tcpFlags: 0x02,
      timeMicros: 43,
      isFragment: true,
      sampleRatio: 512,
      ttl: 3,
    }),
    examplePacket({ protocol: 6, tcpFlags: 0x3f, timeMicros: 44 }),
    examplePacket({ protocol: 6, tcpFlags: 0, timeMicros: 45, bytes: 1514 }),
    examplePacket({ protocol: 1, sourcePort: 0, targetPort: 0, timeMicros: 46 }),
    examplePacket({ protocol: 47, sourcePort: 0, targetPort: 0, timeMicros: 47 }),
    examplePacket({ protocol: 253, timeMicros: 999_999 }),
  ]

  const text = detailsText(reportOf({ attack: FLOOD, flows: [], packets }), STYLE)

  const time = '2026-01-15 12:00:00.'
  const between = '198.51.100.7:123 > 192.0.2.1:80 protocol:'
  const noPorts = '198.51.100.7:0 > 192.0.2.1:0 protocol:'
  const tail = '  packets: 1 size: 200 bytes ttl: 60 sample ratio: 1  \n'
  assert.equal(
    text,
    `${COUNTERS}\n\n` +
      `${time}000042 ${between} udp frag: 0${tail}` +
      `${time}000043 ${between} tcp flags: syn frag: 1  packets: 1 size: 200 bytes ttl: 3 sample ratio: 512  \n` +
      `${time}000044 ${between} tcp flags: fin,syn,rst,psh,ack,urg frag: 0${tail}` +
      `${time}000045 ${between} tcp flags: - frag: 0  packets: 1 size: 1514 bytes ttl: 60 sample ratio: 1  \n` +
      `${time}000046 ${noPorts} icmp frag: 0${tail}` +
      `${time}000047 ${noPorts} gre frag: 0${tail}` +
      `${time}999999 ${between} 253 frag: 0${tail}`,
  )
})

test('details without packets are counters only', () => {
  assert.equal(detailsText(reportOf({ attack: FLOOD, flows: [], packets: [] }), STYLE), COUNTERS)
})

test('an IPv6 host is named in the form asked for', () => {
  const attack = exampleAttack({ host: '2001:db8::1', family: 6 })
  const packets = [examplePacket({ source: '2001:db8:f::2', target: '2001:db8::1' })]
  const report = reportOf({ attack, flows: exampleFlows(1, '2001:db8::1'), packets })

  const canonical = [banText(report, STYLE), detailsText(report, STYLE)].join('')
  const style = { ...STYLE, addressForm: 'padded' } as const
  const padded = [banText(report, style), detailsText(report, style)].join('')

  assert.match(canonical, /^IP: 2001:db8::1\n/)
  assert.match(canonical, /^\[2001:db8::1\]:80 < 198\.51\.100\.1:1024 800 bytes/m)
  assert.match(canonical, / \[2001:db8:f::2\]:123 > \[2001:db8::1\]:80 protocol: udp/)
  assert.match(padded, /^IP: 2001:0db8::0001\n/)
  assert.match(padded, /^2001:0db8::0001:80 < 198\.51\.100\.1:1024 800 bytes/m)
  assert.match(padded, / 2001:0db8:000f::0002:123 > 2001:0db8::0001:80 protocol: udp/)
})

test('a manual ban reports zeros and says that it was made by hand', () => {
  const attack = exampleAttack({
    origin: 'manual',
    crossing: undefined,
    direction: 'other',
    type: 'unknown',
    protocol: 'unknown',
    power: 0,
    peak: 0,
    speeds: { incoming: NO_SPEEDS, outgoing: NO_SPEEDS },
    averages: { incoming: NO_SPEEDS, outgoing: NO_SPEEDS },
  })

  const text = banText(reportOf({ attack, flows: [], packets: [] }), STYLE)

  assert.match(text, /^Attack direction: other$/m)
  assert.match(text, /traffic: 0\.0 bytes \nmanually triggered attack$/)
  assert.equal(/: [1-9]\d* (mbps|packets|flows)/.test(text), false)
})

test('the form of the newest FastNetMon has no averages, has what was dropped, then packets and flows', () => {
  const dropped = speedsWith({ packets: 10, bytes: 1000, droppedPackets: 4, droppedBytes: 1_000_000 })
  const attack = exampleAttack({ speeds: { incoming: dropped, outgoing: NO_SPEEDS } })
  const known = { attack, flows: exampleFlows(1), packets: [examplePacket()] }

  const [counters = '', packets = '', flows = ''] = headText(reportOf(known), STYLE).split(
    /\n\nAttack traffic dump\n\n|\n\nFlow dump\n\n/,
  )

  assert.doesNotMatch(counters, /Average/)
  const fragments = 'Outgoing ip fragmented pps: 0 packets per second\n'
  assert.ok(
    counters.includes(`${fragments}Incoming dropped traffic: 8 mbps\nOutgoing dropped traffic: 0 mbps\n`),
  )
  assert.ok(counters.includes('Incoming dropped pps: 4 packets per second\n'))
  assert.ok(counters.endsWith('Outgoing icmp pps: 0 packets per second\n\n'))
  assert.match(
    packets,
    /^2026-01-15 12:00:00\.000000 198\.51\.100\.7:123 > 192\.0\.2\.1:80 protocol: udp .* {2}\n$/,
  )
  assert.match(flows, /^Incoming\n\nUDP flows: 3000\n/)
})

test('a ban by hand says so in the form of the newest FastNetMon too', () => {
  const attack = exampleAttack({ origin: 'manual', crossing: undefined })

  const text = headText(reportOf({ attack, flows: [], packets: [] }), STYLE)

  assert.ok(text.endsWith('packets per second\n\nmanually triggered attack'))
})
