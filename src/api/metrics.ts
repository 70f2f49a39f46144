// What the API counts of connections and of requests that were repeated.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const API_METRICS = {
  connections: {
    name: 'floodwarden_api_refused_connections_total',
    kind: 'counter',
    help: 'Connections that were closed at once: too many in total, or of one address.',
    labels: ['reason'],
  },
  repeats: {
    name: 'floodwarden_api_repeated_requests_total',
    kind: 'counter',
    help: 'Requests whose Idempotency-Key was known: answered again, in-progress, or other by their words.',
    labels: ['outcome'],
  },
  forgotten: {
    name: 'floodwarden_api_forgotten_idempotency_keys_total',
    kind: 'counter',
    help: 'Idempotency keys that were forgotten before their time because there were too many.',
  },
} as const satisfies Record<string, MetricDeclaration>

export const METRICS: readonly MetricDeclaration[] = Object.values(API_METRICS)
