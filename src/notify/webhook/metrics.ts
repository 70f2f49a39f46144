// What alerts to webhooks count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_alerts_sent_total',
    kind: 'counter',
    help: 'Alerts that a webhook has taken, by the kind of service.',
    labels: ['service'],
  },
  {
    name: 'floodwarden_alerts_tried_again_total',
    kind: 'counter',
    help: 'Tries after which an alert went on waiting.',
  },
  {
    name: 'floodwarden_alerts_lost_total',
    kind: 'counter',
    help: 'Alerts nobody will get, by the kind of service: refused by the webhook or tried too often, or dropped at the bound.',
    labels: ['service', 'why'],
  },
  {
    name: 'floodwarden_alerts_joined_total',
    kind: 'counter',
    help: 'Refusals without an alert of their own: told in the summary of a minute, or repeated and not told again.',
    labels: ['how'],
  },
  { name: 'floodwarden_alerts_waiting', kind: 'gauge', help: 'Alerts that wait for their webhook.' },
] as const satisfies readonly MetricDeclaration[]
