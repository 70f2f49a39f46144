// Speeds of our networks and of the busiest hosts as metrics, both bounded: whatever keeps metrics pays for each series.

import { ROW } from '#3-traffic/metric.ts'
import type { HostRow } from '#api/contract/traffic.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { NetworkRows } from '../engine-worker/network-rows.ts'
import type { Sides } from '../traffic-view.ts'

/** Networks that are shown; the longest prefixes of more are left out. */
const NETWORKS_MAX = 1000
const DIRECTIONS = ['incoming', 'outgoing'] as const

export function networkGauges({ prefixes, rows }: NetworkRows): MetricValue[] {
  // Wide networks stand last, and are worth more to whoever looks at the whole.
  const left = Math.max(0, prefixes.length - NETWORKS_MAX)
  const values = prefixes.slice(left).flatMap((network, at) =>
    DIRECTIONS.flatMap((direction, side) => {
      const row = ((left + at) * 2 + side) * ROW
      const labels = { network, direction }
      return [
        { name: 'floodwarden_network_packets_per_second', value: Math.round(rows[row]!), labels },
        { name: 'floodwarden_network_bits_per_second', value: Math.round(rows[row + 1]! * 8), labels },
      ]
    }),
  )
  return [...values, { name: 'floodwarden_networks_left_out', value: left }]
}

/** Of the hosts at hand and no others: a host that is no longer among them has no value, and its series ends. */
export const hostGauges = (sides: Pick<Sides, 'incoming' | 'outgoing'>): MetricValue[] =>
  DIRECTIONS.flatMap(direction => sides[direction].hosts.flatMap(row => valuesOf(row, direction)))

function valuesOf({ host, packets, bits, flows }: HostRow, direction: string): MetricValue[] {
  const labels = { host, direction }
  return [
    { name: 'floodwarden_host_packets_per_second', value: packets, labels },
    { name: 'floodwarden_host_bits_per_second', value: bits, labels },
    { name: 'floodwarden_host_flows_per_second', value: flows, labels },
  ]
}
