// What pushing numbers to servers counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_export_pushes_total',
    kind: 'counter',
    help: 'Times numbers were due at a server, by outcome: written, failed, busy (the push before was still going on), paused (left out, because the server was away).',
    labels: ['to', 'outcome'],
  },
  {
    name: 'floodwarden_export_lines_total',
    kind: 'counter',
    help: 'Lines servers have taken, each one value or one point.',
    labels: ['to'],
  },
  {
    name: 'floodwarden_export_lines_failed_total',
    kind: 'counter',
    help: 'Lines that were sent and refused, or whose arrival is not known.',
    labels: ['to'],
  },
  {
    name: 'floodwarden_export_push_seconds',
    kind: 'gauge',
    help: 'How long the last push took.',
    labels: ['to'],
  },
] as const satisfies readonly MetricDeclaration[]
