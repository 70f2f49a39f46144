// FastNetMon's metric names for what we count too, so that its dashboards go on working. Values are ours: true zeros,
// each packet once, and valid exposition.

import type { MetricDeclaration, MetricSource, MetricValue } from '#lib/metrics/metric.ts'

export const METRICS = [
  counter('total_simple_packets_processed', 'Packets processed.'),
  counter('total_ipv4_packets', 'IPv4 packets processed.'),
  counter('total_ipv6_packets', 'IPv6 packets processed.'),
  counter('unknown_ip_version_packets', 'Packets that are neither IPv4 nor IPv6.'),
  counter('total_unparsed_packets', 'Packets whose addresses could not be read.'),
  gauge('total_unparsed_packets_speed', 'Packets per second whose addresses could not be read.'),
  gauge('speed_recalculation_time_seconds', 'Whole seconds the last calculation of all speeds took.'),
  gauge('speed_recalculation_time_microseconds', 'Microseconds, beside the whole seconds, it took.'),
  gauge('total_number_of_hosts', 'Hosts with traffic that are counted now.'),
  counter('influxdb_writes_total', 'Requests with points to InfluxDB.'),
  counter('influxdb_writes_failed', 'Requests that InfluxDB did not take.'),
  gauge('total_traffic_packets', 'Packets per second.', ['traffic_direction', 'protocol_version']),
  gauge('total_traffic_bits', 'Bits per second.', ['traffic_direction', 'protocol_version']),
  gauge('total_traffic_flows', 'Flows per second.', ['traffic_direction', 'protocol_version']),
  counter('af_packet_socket_received_packets', 'Packets the kernel offered to the capture sockets.'),
  counter('af_packet_socket_dropped_packets', 'Packets the kernel dropped because a ring was full.'),
  counter('af_packet_blocks_read', 'Ring blocks read.'),
  counter('af_packet_packets_raw', 'Packets read from the rings.'),
  counter('af_packet_packets_parsed', 'Packets from the rings whose addresses were read.'),
  counter('af_packet_packets_unparsed', 'Packets from the rings whose addresses could not be read.'),
] as const satisfies readonly MetricDeclaration[]

/** Speed of the whole traffic of one direction and IP version. Flows are counted incoming and outgoing only. */
export interface TotalSpeed {
  readonly direction: 'incoming' | 'outgoing' | 'internal' | 'other'
  readonly family: 4 | 6
  readonly packetsPerSecond: number
  readonly bitsPerSecond: number
  readonly flowsPerSecond: number | undefined
}

/** The numbers behind FastNetMon's names, as we count them. */
export interface FastnetmonNumbers {
  readonly processedPackets: number
  readonly ipv4Packets: number
  readonly ipv6Packets: number
  readonly notIpPackets: number
  readonly unparsedPackets: number
  readonly unparsedPacketsPerSecond: number
  readonly calculationMicroseconds: number
  readonly hosts: number
  /** Requests to InfluxDB; zeros when there is none. */
  readonly influxdb: { readonly writes: number; readonly failed: number }
  readonly totals: readonly TotalSpeed[]
  /** Undefined when nothing is captured from interfaces, as in a replay. */
  readonly ring: RingNumbers | undefined
}

/** Sums over all capture workers. */
export interface RingNumbers {
  readonly offeredPackets: number
  readonly droppedPackets: number
  readonly blocks: number
  readonly packets: number
  readonly parsedPackets: number
  readonly unparsedPackets: number
}

/** The numbers, read on each scrape, under FastNetMon's names. */
export const fastnetmonSource =
  (read: () => FastnetmonNumbers): MetricSource =>
  () => {
    const numbers = read()
    return [
      value('total_simple_packets_processed', numbers.processedPackets),
      value('total_ipv4_packets', numbers.ipv4Packets),
      value('total_ipv6_packets', numbers.ipv6Packets),
      value('unknown_ip_version_packets', numbers.notIpPackets),
      value('total_unparsed_packets', numbers.unparsedPackets),
      value('total_unparsed_packets_speed', numbers.unparsedPacketsPerSecond),
      value('speed_recalculation_time_seconds', Math.floor(numbers.calculationMicroseconds / 1e6)),
      value('speed_recalculation_time_microseconds', numbers.calculationMicroseconds % 1e6),
      value('total_number_of_hosts', numbers.hosts),
      value('influxdb_writes_total', numbers.influxdb.writes),
      value('influxdb_writes_failed', numbers.influxdb.failed),
      ...numbers.totals.flatMap(totalValues),
      ...(numbers.ring === undefined ? [] : ringValues(numbers.ring)),
    ]
  }

type SystemCounter = readonly [name: string, value: number, kind: MetricDeclaration['kind']]

/** FastNetMon's counters about itself without what stands before their names: its `system_counters` in InfluxDB. */
export const systemCounters = (numbers: FastnetmonNumbers): SystemCounter[] =>
  [...fastnetmonSource(() => numbers)()]
    .filter(({ labels }) => labels === undefined)
    .map(({ name, value: number }) => [name.slice('fastnetmon_'.length), number, kindOf(name)] as const)

const kindOf = (name: string): MetricDeclaration['kind'] =>
  METRICS.find(metric => metric.name === name)?.kind ?? 'gauge'

function totalValues(total: TotalSpeed): MetricValue[] {
  const labels = {
    traffic_direction: total.direction,
    protocol_version: total.family === 4 ? 'ipv4' : 'ipv6',
  }
  const values = [
    value('total_traffic_packets', total.packetsPerSecond, labels),
    value('total_traffic_bits', total.bitsPerSecond, labels),
  ]
  if (total.flowsPerSecond !== undefined)
    values.push(value('total_traffic_flows', total.flowsPerSecond, labels))
  return values
}

const ringValues = (ring: RingNumbers): MetricValue[] => [
  value('af_packet_socket_received_packets', ring.offeredPackets),
  value('af_packet_socket_dropped_packets', ring.droppedPackets),
  value('af_packet_blocks_read', ring.blocks),
  value('af_packet_packets_raw', ring.packets),
  value('af_packet_packets_parsed', ring.parsedPackets),
  value('af_packet_packets_unparsed', ring.unparsedPackets),
]

function counter(name: string, help: string): MetricDeclaration {
  return { name: `fastnetmon_${name}`, kind: 'counter', help }
}

function gauge(name: string, help: string, labels: readonly string[] = []): MetricDeclaration {
  return { name: `fastnetmon_${name}`, kind: 'gauge', help, labels }
}

function value(name: string, number: number, labels?: Record<string, string>): MetricValue {
  return { name: `fastnetmon_${name}`, value: number, ...(labels === undefined ? {} : { labels }) }
}
