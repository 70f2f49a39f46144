// What the screen files count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_screen_files_failed_total',
    kind: 'counter',
    help: 'Screen files that could not be drawn.',
  },
] as const satisfies readonly MetricDeclaration[]
