// What stage 6 counts: decisions, and refusals by the rail that refused.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { Decision } from './decide.ts'
import { RAILS, type Rail, type Verdict } from './guardrail.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_policy_decisions_total',
    kind: 'counter',
    help: 'Decisions about attacks, by what was decided: act, dry-run, refused or nothing.',
    labels: ['decision'],
  },
  {
    name: 'floodwarden_policy_refusals_total',
    kind: 'counter',
    help: 'Refusals by guardrail; one decision may be refused by several.',
    labels: ['rail'],
  },
  {
    name: 'floodwarden_policy_attacks_capped',
    kind: 'gauge',
    help: 'Open attacks that are only reported because of a cap, and are acted on when there is room.',
  },
]

const KINDS = ['act', 'dry-run', 'refused', 'nothing'] as const satisfies readonly Decision['kind'][]

/** Those of the whole decision, or of single actions that were kept back. */
function refusalsOf(decision: Decision): readonly Verdict[] {
  if (decision.kind === 'nothing') return []
  if (decision.kind === 'refused') return decision.refusals
  const { withheld = [], unmade = [] } = decision
  return [...unmade, ...withheld.flatMap(({ refusals }) => refusals)]
}

/** Counts decisions; whoever decides hands each one in. */
export class DecisionCounts {
  readonly #decisions = new Map<Decision['kind'], number>(KINDS.map(kind => [kind, 0]))
  readonly #refusals = new Map<Rail, number>(RAILS.map(rail => [rail, 0]))

  /** Attacks that wait for room, as whoever decides last said. */
  capped = 0

  count(decision: Decision): void {
    this.#decisions.set(decision.kind, (this.#decisions.get(decision.kind) ?? 0) + 1)
    for (const { rail } of refusalsOf(decision)) this.#refusals.set(rail, (this.#refusals.get(rail) ?? 0) + 1)
  }

  readonly metrics: MetricSource = () => [
    ...[...this.#decisions].map(([decision, value]) => ({
      name: 'floodwarden_policy_decisions_total',
      value,
      labels: { decision },
    })),
    { name: 'floodwarden_policy_attacks_capped', value: this.capped },
    ...[...this.#refusals].map(([rail, value]) => ({
      name: 'floodwarden_policy_refusals_total',
      value,
      labels: { rail },
    })),
  ]
}
