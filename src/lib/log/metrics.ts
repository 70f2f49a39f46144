// What the log counts.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import { LOG_OUTPUTS, type Log } from './open-log.ts'

export const METRICS = [
  {
    name: 'floodwarden_log_dropped_lines_total',
    kind: 'counter',
    help: 'Lines that were not written, by where they should have gone: nobody read, the disk was full, or it could not be sent at once.',
    labels: ['output'],
  },
] as const satisfies readonly MetricDeclaration[]

/** The value of the metric above. */
export const logSource =
  (log: Pick<Log, 'dropped'>): MetricSource =>
  () =>
    LOG_OUTPUTS.map(output => ({
      name: 'floodwarden_log_dropped_lines_total',
      value: log.dropped[output],
      labels: { output },
    }))
