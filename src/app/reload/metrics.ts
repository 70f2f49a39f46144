// What is counted of reloads of the configuration.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_configuration_reloads_total',
    kind: 'counter',
    help: 'Times the configuration was read again, by what came of it: applied, or refused because of an error in it.',
    labels: ['outcome'],
  },
  {
    name: 'floodwarden_configuration_reloaded_seconds',
    kind: 'gauge',
    help: 'When the configuration was last read again and applied, Unix time. Missing: not since the start.',
  },
] as const satisfies readonly MetricDeclaration[]
