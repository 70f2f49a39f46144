// Speeds of our networks, and of the busiest hosts, as Prometheus sees them.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_network_packets_per_second',
    kind: 'gauge',
    help: 'Average speed of a network of ours as a whole, networks inside it included.',
    labels: ['network', 'direction'],
  },
  {
    name: 'floodwarden_network_bits_per_second',
    kind: 'gauge',
    help: 'Average speed of a network of ours as a whole, networks inside it included.',
    labels: ['network', 'direction'],
  },
  {
    name: 'floodwarden_networks_left_out',
    kind: 'gauge',
    help: 'Networks that are not shown, because there are more than 1,000; the narrowest are left out.',
  },
  {
    name: 'floodwarden_host_packets_per_second',
    kind: 'gauge',
    help: 'Average speed of one of the busiest hosts. Only with metrics.topHosts.',
    labels: ['host', 'direction'],
  },
  {
    name: 'floodwarden_host_bits_per_second',
    kind: 'gauge',
    help: 'Average speed of one of the busiest hosts. Only with metrics.topHosts.',
    labels: ['host', 'direction'],
  },
  {
    name: 'floodwarden_host_flows_per_second',
    kind: 'gauge',
    help: 'Flows per second of one of the busiest hosts. Only with metrics.topHosts.',
    labels: ['host', 'direction'],
  },
] as const satisfies readonly MetricDeclaration[]
