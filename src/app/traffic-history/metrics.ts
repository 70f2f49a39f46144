// What is counted of the history of traffic.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_traffic_series',
    kind: 'gauge',
    help: 'Networks, hostgroups and totals whose traffic is kept as it was.',
  },
  {
    name: 'floodwarden_traffic_series_left_out',
    kind: 'gauge',
    help: 'Networks and hostgroups without a history: more are configured than are kept.',
  },
  {
    name: 'floodwarden_traffic_hosts',
    kind: 'gauge',
    help: 'Hosts whose traffic is kept as it was: the first by traffic, and those near a limit or under attack.',
  },
  {
    name: 'floodwarden_traffic_hosts_left_out',
    kind: 'gauge',
    help: 'Hosts with traffic that have no history.',
  },
] as const satisfies readonly MetricDeclaration[]
