// What messages to destinations count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_alerts_sent_total',
    kind: 'counter',
    help: 'Messages that a destination has taken, by the kind of service.',
    labels: ['service'],
  },
  {
    name: 'floodwarden_alerts_tried_again_total',
    kind: 'counter',
    help: 'Tries after which a message went on waiting.',
  },
  {
    name: 'floodwarden_alerts_lost_total',
    kind: 'counter',
    help: 'Messages that became dead letters, by the kind of service: refused by the destination or tried for too long, or dropped at the bound or with their destination.',
    labels: ['service', 'why'],
  },
  {
    name: 'floodwarden_alerts_joined_total',
    kind: 'counter',
    help: 'Refusals without an alert of their own: told in the summary of a minute, or repeated and not told again.',
    labels: ['how'],
  },
  { name: 'floodwarden_alerts_waiting', kind: 'gauge', help: 'Messages that wait for their destination.' },
  {
    name: 'floodwarden_notify_destination_failing',
    kind: 'gauge',
    help: '1 while the last message to a destination was not taken.',
    labels: ['destination', 'service'],
  },
  {
    name: 'floodwarden_notify_dead_letters',
    kind: 'gauge',
    help: 'Messages that were given up and are kept to be sent again.',
  },
  {
    name: 'floodwarden_notify_forgotten_total',
    kind: 'counter',
    help: 'Messages that are gone for ever: the oldest dead letters beyond their bound, and what could not be read after a restart.',
  },
] as const satisfies readonly MetricDeclaration[]
