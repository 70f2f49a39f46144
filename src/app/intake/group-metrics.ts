// Groups of reports that must agree, counted.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { GroupDesk } from './group-desk.ts'

export const groupMetrics =
  ({ counts }: GroupDesk): MetricSource =>
  () => [
    { name: 'floodwarden_signal_groups_total', value: counts.groups, labels: { what: 'begun' } },
    { name: 'floodwarden_signal_groups_total', value: counts.met, labels: { what: 'met' } },
    { name: 'floodwarden_signal_groups_total', value: counts.expired, labels: { what: 'expired' } },
    { name: 'floodwarden_corroborators_attached_total', value: counts.attached },
    { name: 'floodwarden_signals_dropped_total', value: counts.dropped },
  ]
