// How suspicious a crossing is, from what its packets say, and the budget that follows from it.

import type { Suspicion } from './attack.ts'
import { SAMPLES_MIN } from './name-attack.ts'
import { FEATURES, namedShare, type SuspicionFacts } from './suspicion-table.ts'

/** Where suspicion stands when nothing is known. */
export const NEUTRAL = 0.5
/** So many equal samples count in full; fewer pull less. */
const WORTH_FULL = 32

/** The bounds of the budget, in limit-seconds: for what is surely honest, and for what is surely an attack. */
export interface BudgetBounds {
  readonly patientSeconds: number
  readonly urgentSeconds: number
}

/** Limit-seconds that may pass at a suspicion of 0 to 1: log-linear between the bounds. */
export const budgetAt = (weight: number, { patientSeconds, urgentSeconds }: BudgetBounds): number =>
  patientSeconds * (urgentSeconds / patientSeconds) ** weight

/** `undefined` when too few packets were seen, which is neutral. */
export function weigh(facts: SuspicionFacts): Suspicion | undefined {
  const { shape, finding } = facts
  if (shape.samples < SAMPLES_MIN) return undefined
  const unnamed = 1 - namedShare(finding)
  const certainty = Math.min(1, shape.worth / WORTH_FULL)
  const features = FEATURES.flatMap(feature => {
    const value = feature.value(facts)
    if (value === undefined) return []
    const pull = feature.weightAtZero + (feature.weightAtOne - feature.weightAtZero) * value
    const weight = pull * certainty * (feature.onlyUnnamed ? unnamed : 1)
    return [
      {
        name: feature.name,
        value: rounded(value),
        weight: rounded(weight),
        reason: feature.reason(value, facts),
      },
    ]
  })
  const sum = features.reduce((total, { weight }) => total + weight, NEUTRAL)
  return { weight: rounded(Math.min(1, Math.max(0, sum))), packets: shape.samples, features }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000
