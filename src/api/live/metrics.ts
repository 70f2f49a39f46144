// What is counted of the live feed.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_live_clients',
    kind: 'gauge',
    help: 'Clients that hear the live feed over a WebSocket.',
  },
  {
    name: 'floodwarden_live_messages_total',
    kind: 'counter',
    help: 'Messages of the live feed, by what became of them: sent, or skipped because a client was too slow.',
    labels: ['fate'],
  },
  {
    name: 'floodwarden_live_clients_ended_total',
    kind: 'counter',
    help: 'Clients of the live feed that were ended, by why: slow, silent, full (no room), refused (no longer let in).',
    labels: ['why'],
  },
] as const satisfies readonly MetricDeclaration[]
