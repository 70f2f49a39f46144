// What stage 7 counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_mitigations',
    kind: 'gauge',
    help: 'Mitigations by state; of the ended ones those that are still remembered.',
    labels: ['state'],
  },
  {
    name: 'floodwarden_forgotten_mitigations_total',
    kind: 'counter',
    help: 'Ended mitigations that were forgotten to keep the ledger within its bound.',
  },
  {
    name: 'floodwarden_forgotten_audit_entries_total',
    kind: 'counter',
    help: 'Audit entries that were forgotten in memory to keep the audit within its bound; the log has them.',
  },
]
