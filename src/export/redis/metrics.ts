// What writing attacks to Redis counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_redis_keys_total',
    kind: 'counter',
    help: 'Keys for Redis, by what became of them: written, or dropped because too many were waiting.',
    labels: ['outcome'],
  },
  {
    name: 'floodwarden_redis_failures_total',
    kind: 'counter',
    help: 'Times Redis could not be reached or did not answer.',
  },
  { name: 'floodwarden_redis_keys_waiting', kind: 'gauge', help: 'Keys that wait for Redis.' },
] as const satisfies readonly MetricDeclaration[]
