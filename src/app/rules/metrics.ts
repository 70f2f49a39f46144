// Rules by people, counted by what came of the orders.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'

export const RULE_METRICS = [
  {
    name: 'floodwarden_rules_by_people',
    kind: 'gauge',
    help: 'Live rules and blackholes that people made, by state.',
    labels: ['state'],
  },
  {
    name: 'floodwarden_rule_orders_total',
    kind: 'counter',
    help: 'Rules and blackholes that people asked for, by what came of it: created, extended, or the code of the refusal.',
    labels: ['outcome'],
  },
] as const satisfies readonly MetricDeclaration[]

export const LIVE_STATES = ['scheduled', 'pending', 'active', 'monitored', 'failed'] as const

export class RuleCounts {
  readonly #outcomes = new Map<string, number>()

  count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
  }

  /** `states`: of each live rule. */
  metrics(states: () => Iterable<string>): MetricSource {
    return () => {
      const live = new Map<string, number>(LIVE_STATES.map(state => [state, 0]))
      for (const state of states()) live.set(state, (live.get(state) ?? 0) + 1)
      return [
        ...[...live].map(([state, value]) => ({
          name: 'floodwarden_rules_by_people',
          value,
          labels: { state },
        })),
        ...[...this.#outcomes].map(([outcome, value]) => ({
          ...{ name: 'floodwarden_rule_orders_total', value, labels: { outcome } },
        })),
      ]
    }
  }
}
