// Reports of foreign detectors, counted by what became of them.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { EventFate } from '#store/acknowledgements.ts'

const FATES = ['late', 'full'] as const

export class EventCounts {
  readonly #outcomes = new Map<string, { readonly action: string; readonly outcome: string; value: number }>()
  readonly #fates = { late: 0, full: 0 }

  count({ action }: ForeignEvent, { kind: outcome }: EventOutcome): void {
    const key = `${action} ${outcome}`
    const counted = this.#outcomes.get(key)
    if (counted === undefined) this.#outcomes.set(key, { action, outcome, value: 1 })
    else counted.value++
  }

  kept({ kind }: EventFate): void {
    if (kind !== 'kept') this.#fates[kind]++
  }

  readonly metrics: MetricSource = () => [
    ...[...this.#outcomes.values()].map(({ action, outcome, value }) => ({
      ...{ name: 'floodwarden_events_total', value, labels: { action, outcome } },
    })),
    ...FATES.map(fate => ({
      ...{ name: 'floodwarden_events_not_kept_total', value: this.#fates[fate], labels: { fate } },
    })),
  ]
}
