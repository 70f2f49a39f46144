// What notices count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_notice_groups',
    kind: 'gauge',
    help: 'Groups of attacks that are told together and are not over.',
  },
  {
    name: 'floodwarden_notice_attacks_joined_total',
    kind: 'counter',
    help: 'Attacks that joined others and were told in an update.',
  },
  {
    name: 'floodwarden_notice_attacks_untold_total',
    kind: 'counter',
    help: 'Attacks nobody was told of, because too many groups were open.',
  },
] as const satisfies readonly MetricDeclaration[]
