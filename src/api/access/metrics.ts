// What the door of the API counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const ACCESS_METRICS = {
  refused: {
    name: 'floodwarden_api_refused_requests_total',
    kind: 'counter',
    help: 'Requests over the network that were not let in, by reason.',
    labels: ['reason'],
  },
  logins: {
    name: 'floodwarden_api_logins_total',
    kind: 'counter',
    help: 'Attempts to log in, by outcome.',
    labels: ['outcome'],
  },
  passwords: {
    name: 'floodwarden_api_refused_passwords_total',
    kind: 'counter',
    help: 'Passwords that were not looked at because too many waited for it.',
  },
  forgotten: {
    name: 'floodwarden_api_forgotten_rates_total',
    kind: 'counter',
    help: 'Addresses and identities whose rate was forgotten because the table was full.',
  },
  sessions: {
    name: 'floodwarden_api_sessions',
    kind: 'gauge',
    help: 'Sessions of users that are kept.',
  },
} as const satisfies Record<string, MetricDeclaration>

export const METRICS: readonly MetricDeclaration[] = Object.values(ACCESS_METRICS)
