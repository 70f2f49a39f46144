// What counting counts: traffic by direction, hosts that came and went, and samples that were skipped.

import { OUTCOME } from '#2-decode/sample.ts'
import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { Hosts } from './hosts.ts'
import { DIRECTIONS, type TotalReadings } from './totals.ts'

export const METRICS = [
  {
    name: 'floodwarden_traffic_packets_total',
    kind: 'counter',
    help: 'Packets counted, by direction and IP version, multiplied by the sampling rate.',
    labels: ['direction', 'family'],
  },
  {
    name: 'floodwarden_traffic_bytes_total',
    kind: 'counter',
    help: 'Bytes counted, by direction and IP version, multiplied by the sampling rate.',
    labels: ['direction', 'family'],
  },
  {
    name: 'floodwarden_traffic_ignored_packets_total',
    kind: 'counter',
    help: 'Packets left out because their direction is switched off.',
  },
  {
    name: 'floodwarden_traffic_exempt_packets_total',
    kind: 'counter',
    help: 'Packets left out by whitelistSources and whitelistRules, multiplied by the sampling rate.',
  },
  {
    name: 'floodwarden_traffic_exempt_bytes_total',
    kind: 'counter',
    help: 'Bytes left out by whitelistSources and whitelistRules, multiplied by the sampling rate.',
  },
  { name: 'floodwarden_hosts', kind: 'gauge', help: 'Hosts with traffic that are counted now.' },
  {
    name: 'floodwarden_hosts_evicted_total',
    kind: 'counter',
    help: 'Hosts that had to make room for others because the table was full.',
  },
  {
    name: 'floodwarden_hosts_refused_total',
    kind: 'counter',
    help: 'Packets whose host found no room in the table; they count in the totals only.',
  },
  {
    name: 'floodwarden_hosts_released_total',
    kind: 'counter',
    help: 'Hosts let go because they had no traffic for a while.',
  },
  {
    name: 'floodwarden_samples_skipped_total',
    kind: 'counter',
    help: "Packets of watched hosts that were not copied because the tick's share was used up.",
  },
  {
    name: 'floodwarden_host_slots_used',
    kind: 'gauge',
    help: 'Places in the host tables of all workers that are given out, by pages of 256 (traffic.hostsMax is the bound).',
  },
  {
    name: 'floodwarden_hosts_ipv6',
    kind: 'gauge',
    help: 'IPv6 hosts that have a place in the tables, summed over workers.',
  },
  {
    name: 'floodwarden_touched_overflows_total',
    kind: 'counter',
    help: 'Ticks in which all hosts were looked at because the list of busy ones had overflowed.',
  },
] as const satisfies readonly MetricDeclaration[]

/** Sums over all workers. */
export interface SlotCounts {
  readonly evicted: number
  readonly refused: number
  readonly released: number
  readonly samplesSkipped: number
  /** Given out now: whole pages of 256. */
  readonly used: number
  /** Hosts of IPv6 that have a slot now. */
  readonly ipv6: number
}

/** What the reader of the counters knows. */
export const trafficSource =
  (totals: TotalReadings, hosts: Pick<Hosts, 'count'>, overflows: () => number): MetricSource =>
  () => [
    ...DIRECTIONS.flatMap(direction =>
      ([4, 6] as const).flatMap(family => {
        const labels = { direction, family: `ipv${family}` }
        const { packets, bytes } = totals.counted(direction, family)
        return [
          { name: 'floodwarden_traffic_packets_total', value: packets, labels },
          { name: 'floodwarden_traffic_bytes_total', value: bytes, labels },
        ]
      }),
    ),
    { name: 'floodwarden_traffic_ignored_packets_total', value: totals.ignored },
    { name: 'floodwarden_traffic_exempt_packets_total', value: totals.exempt.packets },
    { name: 'floodwarden_traffic_exempt_bytes_total', value: totals.exempt.bytes },
    { name: 'floodwarden_hosts', value: hosts.count },
    { name: 'floodwarden_touched_overflows_total', value: overflows() },
  ]

/** Of two crews of workers. */
export const addSlots = (a: SlotCounts, b: SlotCounts): SlotCounts => ({
  evicted: a.evicted + b.evicted,
  refused: a.refused + b.refused,
  released: a.released + b.released,
  samplesSkipped: a.samplesSkipped + b.samplesSkipped,
  used: a.used + b.used,
  ipv6: a.ipv6 + b.ipv6,
})

/** What the workers know of their slots. */
export const slotSource =
  (slots: () => SlotCounts): MetricSource =>
  () => {
    const { evicted, refused, released, samplesSkipped, used, ipv6 } = slots()
    return [
      { name: 'floodwarden_hosts_evicted_total', value: evicted },
      { name: 'floodwarden_hosts_refused_total', value: refused },
      { name: 'floodwarden_hosts_released_total', value: released },
      { name: 'floodwarden_samples_skipped_total', value: samplesSkipped },
      { name: 'floodwarden_host_slots_used', value: used },
      { name: 'floodwarden_hosts_ipv6', value: ipv6 },
    ]
  }

/** Values of the decode metrics (2-decode/metrics.ts), which are counted here. */
export const decodeSource =
  (totals: TotalReadings): MetricSource =>
  () =>
    Object.entries(OUTCOME).map(([outcome, number]) => ({
      name: 'floodwarden_decode_packets_total',
      value: totals.outcome(number),
      labels: { outcome },
    }))
