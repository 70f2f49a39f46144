import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC, type Metric, ROW } from '#3-traffic/metric.ts'
import { classSpeedsOf } from './fastnetmon-desk.ts'

test('classes are summed over the widest networks of an IP version, each packet once', () => {
  const prefixes = ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.0/24', '2001:db8::/32']
  const rows = new Float64Array(prefixes.length * ROW * 2)
  const put = (network: number, side: 0 | 1, speeds: Partial<Record<Metric, number>>) => {
    for (const [name, value] of Object.entries(speeds))
      rows[(network * 2 + side) * ROW + METRIC[name as Metric]] = value
  }
  put(0, 0, { tcpPackets: 100, tcpBytes: 1000, synPackets: 7 })
  put(1, 0, { tcpPackets: 60, tcpBytes: 600 })
  put(2, 0, { tcpPackets: 1, tcpBytes: 10, fragmentPackets: 3, fragmentBytes: 30 })
  put(2, 1, { udpPackets: 9, udpBytes: 90 })
  put(3, 0, { icmpPackets: 4, icmpBytes: 40 })
  const networks = { prefixes, rows, widest: Uint8Array.of(1, 0, 1, 1) }
  const told = (direction: 'incoming' | 'outgoing' | 'internal', family: 4 | 6) =>
    classSpeedsOf(networks, { direction, family })
      .filter(({ packetsPerSecond }) => packetsPerSecond > 0)
      .map(({ name, packetsPerSecond, bitsPerSecond }) => `${name} ${packetsPerSecond} ${bitsPerSecond}`)

  assert.deepEqual(told('incoming', 4), ['tcp 101 8080', 'fragmented 3 240', 'tcp_syn 7 0'])
  assert.deepEqual(told('outgoing', 4), ['udp 9 720'])
  assert.deepEqual(told('incoming', 6), ['icmp 4 320'])
  assert.deepEqual(classSpeedsOf(networks, { direction: 'internal', family: 4 }), [])
})
