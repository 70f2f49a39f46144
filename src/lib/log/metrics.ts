// What the log counts.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { Log } from './open-log.ts'

export const METRICS = [
  {
    name: 'floodwarden_log_dropped_lines_total',
    kind: 'counter',
    help: 'Lines that were not written because nobody read standard output.',
  },
] as const satisfies readonly MetricDeclaration[]

/** The value of the metric above. */
export const logSource =
  (log: Pick<Log, 'dropped'>): MetricSource =>
  () => [{ name: 'floodwarden_log_dropped_lines_total', value: log.dropped }]
