// What the link to the engine worker counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_engine_events_ahead',
    kind: 'gauge',
    help: 'Messages of the engine that the main thread has not taken yet.',
  },
  {
    name: 'floodwarden_engine_events_left_out_total',
    kind: 'counter',
    help: 'Updates and packets of attacks that were left out because the main thread was too far behind.',
  },
] as const satisfies readonly MetricDeclaration[]
