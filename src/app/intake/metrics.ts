// What is counted of reports and of the groups in which they must agree.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_events_total',
    kind: 'counter',
    help: 'Reports of foreign detectors, by what they asked for and how they were answered.',
    labels: ['action', 'outcome'],
  },
  {
    name: 'floodwarden_events_not_kept_total',
    kind: 'counter',
    help: 'Reports that were answered before they were on disk, or of which none will be kept, because it was too slow.',
    labels: ['fate'],
  },
  {
    name: 'floodwarden_signal_groups_total',
    kind: 'counter',
    help: 'Groups of reports that had to agree: begun, met, and expired without it.',
    labels: ['what'],
  },
  {
    name: 'floodwarden_corroborators_attached_total',
    kind: 'counter',
    help: 'Signals without a host that were attached to a group.',
  },
  {
    name: 'floodwarden_signals_dropped_total',
    kind: 'counter',
    help: 'Groups, signals of a group and waiting corroborators that were given up at their bound.',
  },
] as const satisfies readonly MetricDeclaration[]
