// What learning counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_learning_minutes_total',
    kind: 'counter',
    help: 'Minutes of calm traffic that were learned from, each scope (hostgroup, network, all) by itself.',
  },
  {
    name: 'floodwarden_learning_minutes_excluded_total',
    kind: 'counter',
    help: 'Minutes of scopes that were left out because of an attack.',
  },
  {
    name: 'floodwarden_learning_minutes_lost_total',
    kind: 'counter',
    help: 'Minutes that the main thread did not fetch in time.',
  },
  {
    name: 'floodwarden_learning_lines_refused_total',
    kind: 'counter',
    help: 'Times a busy host was left out of a window because too many were busy.',
  },
  {
    name: 'floodwarden_learning_scopes',
    kind: 'gauge',
    help: 'Hostgroups and networks that limits are learned for.',
  },
  {
    name: 'floodwarden_learning_scopes_refused',
    kind: 'gauge',
    help: 'Hostgroups and networks that found no room: nothing is learned for them.',
  },
  { name: 'floodwarden_learning_hours', kind: 'gauge', help: 'Hours of scopes that are held.' },
  {
    name: 'floodwarden_learning_bytes',
    kind: 'gauge',
    help: 'Memory of these hours, and their size on disk.',
  },
  { name: 'floodwarden_learned_limits_applied', kind: 'gauge', help: 'Accepted limits that hold.' },
] as const satisfies readonly MetricDeclaration[]
