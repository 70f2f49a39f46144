// What DDPS's API counts.

import type { MetricDeclaration, MetricSource, MetricValue } from '#lib/metrics/metric.ts'
import type { OrderRefusal, SignedIn } from './desk.ts'

export const METRICS = [
  {
    name: 'floodwarden_ddps_sign_ins_total',
    kind: 'counter',
    help: "Attempts to sign in to DDPS's API, by outcome: done, wrong or throttled.",
    labels: ['outcome'],
  },
  {
    name: 'floodwarden_ddps_rules_total',
    kind: 'counter',
    help: "Rules that were sent to DDPS's API, by outcome: accepted, or why they were refused.",
    labels: ['outcome'],
  },
  {
    name: 'floodwarden_ddps_requests_total',
    kind: 'counter',
    help: "Requests of DDPS's API that were answered, by status.",
    labels: ['status'],
  },
] as const satisfies readonly MetricDeclaration[]

type Outcome = 'accepted' | 'syntax' | OrderRefusal

const OUTCOMES: readonly Outcome[] = [
  ...(['accepted', 'syntax', 'rights', 'duplicate', 'active-quota'] as const),
  ...(['rate-quota', 'policy', 'unavailable'] as const),
]

export class DdpsMetrics {
  readonly #signIns = new Map<string, number>([
    ['done', 0],
    ['wrong', 0],
    ['throttled', 0],
  ])
  readonly #rules = new Map<string, number>(OUTCOMES.map(outcome => [outcome, 0]))
  /** Statuses are few: all of them are ours. */
  readonly #requests = new Map<string, number>()

  signedIn(outcome: SignedIn['kind']): void {
    count(this.#signIns, outcome)
  }

  ordered(outcome: Outcome): void {
    count(this.#rules, outcome)
  }

  answered(status: number): void {
    count(this.#requests, String(status))
  }

  readonly metrics: MetricSource = () => [
    ...valuesOf('floodwarden_ddps_sign_ins_total', 'outcome', this.#signIns),
    ...valuesOf('floodwarden_ddps_rules_total', 'outcome', this.#rules),
    ...valuesOf('floodwarden_ddps_requests_total', 'status', this.#requests),
  ]
}

const count = (values: Map<string, number>, key: string): void =>
  void values.set(key, (values.get(key) ?? 0) + 1)

const valuesOf = (name: string, label: string, values: ReadonlyMap<string, number>): MetricValue[] =>
  [...values].map(([key, value]) => ({ name, value, labels: { [label]: key } }))
