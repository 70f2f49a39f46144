import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { type FastnetmonNumbers, fastnetmonSource, METRICS } from './metrics.ts'

const NUMBERS: FastnetmonNumbers = {
  processedPackets: 840_000,
  ipv4Packets: 800_000,
  ipv6Packets: 39_000,
  notIpPackets: 900,
  unparsedPackets: 100,
  unparsedPacketsPerSecond: 3,
  calculationMicroseconds: 2_008_771,
  hosts: 2,
  influxdb: { writes: 69, failed: 1 },
  totals: [
    {
      direction: 'incoming',
      family: 4,
      packetsPerSecond: 56_004,
      bitsPerSecond: 89_610_136,
      flowsPerSecond: 12,
    },
    { direction: 'other', family: 6, packetsPerSecond: 1, bitsPerSecond: 800, flowsPerSecond: undefined },
  ],
  ring: {
    offeredPackets: 10,
    droppedPackets: 1,
    blocks: 2,
    packets: 9,
    parsedPackets: 8,
    unparsedPackets: 1,
  },
}

function read(numbers: FastnetmonNumbers): Map<string, number> {
  const registry = new MetricRegistry()
  registry.add(
    METRICS,
    fastnetmonSource(() => numbers),
  )
  const values = registry.read().flatMap(family => family.values)
  return new Map(values.map(each => [[each.name, ...Object.values(each.labels ?? {})].join(' '), each.value]))
}

test('every declared name has a value, and totals carry direction and IP version', () => {
  const values = read(NUMBERS)

  assert.equal(new Set([...values.keys()].map(key => key.split(' ')[0])).size, METRICS.length)
  assert.equal(values.get('fastnetmon_total_simple_packets_processed'), 840_000)
  assert.equal(values.get('fastnetmon_speed_recalculation_time_seconds'), 2)
  assert.equal(values.get('fastnetmon_speed_recalculation_time_microseconds'), 8771)
  assert.equal(values.get('fastnetmon_influxdb_writes_failed'), 1)
  assert.equal(values.get('fastnetmon_total_traffic_bits incoming ipv4'), 89_610_136)
  assert.equal(values.get('fastnetmon_total_traffic_packets other ipv6'), 1)
})

test('what was not counted is left out, not shown as zero', () => {
  const values = read({ ...NUMBERS, ring: undefined })

  assert.equal(values.has('fastnetmon_total_traffic_flows other ipv6'), false)
  assert.equal(values.has('fastnetmon_af_packet_packets_raw'), false)
})
