// Numbers of decoding: how many packets ended with which outcome.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

/** Label values are the names of OUTCOME in sample.ts. */
export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_decode_packets_total',
    kind: 'counter',
    help: 'Packets by what decoding made of them: decoded, notIp (ARP, spanning tree), cut (too short for both addresses), malformed.',
    labels: ['outcome'],
  },
]
