// Groups of reports that must agree, counted.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { GroupDesk } from './group-desk.ts'

export const GROUP_METRICS = [
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

export const groupMetrics =
  ({ counts }: GroupDesk): MetricSource =>
  () => [
    { name: 'floodwarden_signal_groups_total', value: counts.groups, labels: { what: 'begun' } },
    { name: 'floodwarden_signal_groups_total', value: counts.met, labels: { what: 'met' } },
    { name: 'floodwarden_signal_groups_total', value: counts.expired, labels: { what: 'expired' } },
    { name: 'floodwarden_corroborators_attached_total', value: counts.attached },
    { name: 'floodwarden_signals_dropped_total', value: counts.dropped },
  ]
