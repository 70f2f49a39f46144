// Speeds of our networks as Prometheus sees them.

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
] as const satisfies readonly MetricDeclaration[]
