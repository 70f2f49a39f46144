// What reading from ClickHouse counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_clickhouse_reads_total',
    kind: 'counter',
    help: 'Times ClickHouse was asked for traffic as it was, by outcome: answered or failed.',
    labels: ['outcome'],
  },
] as const satisfies readonly MetricDeclaration[]
