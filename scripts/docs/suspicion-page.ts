// The table of weights: what speaks for an attack and what against it, and the budget that follows.

import { budgetAt, NEUTRAL } from '../../src/4-detection/suspicion.ts'
import { FEATURES, type Feature } from '../../src/4-detection/suspicion-table.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
A host over a limit is a suspect: some of its packets are looked at, and each feature below that can say something has a value from
0 to 1. It adds a number between its weight at 0 and its weight at 1. The sum, beginning at a neutral ${NEUTRAL} and held between
0 and 1, is the suspicion, and it chooses the budget. Of fewer than 32 packets the weights pull less; of fewer than eight
nothing is known, which is neutral. [ADR 0022](../adr/0022-evidence-chooses-the-budget.md) says why,
[how a crossing becomes a ban](../design/detection.md) what happens when.

\`floodwarden explain HOST\` shows value, weight and reason of each feature; so do the JSON report and the API.
`

const BUDGETS = `
Between \`detection.suspicion.patientSeconds\` and \`urgentSeconds\` (here with their defaults) the budget goes in equal
ratios. A flood of r times the limit is found after \`budget / (r - 1)\` seconds, rounded up to a tick of 0.1 s.
`

const BOUNDS = { patientSeconds: 15, urgentSeconds: 0.25 }
const SUSPICIONS = [0, 0.25, 0.5, 0.75, 1]
const TIMES = [10, 3, 1.25]

export function suspicionPage(): string {
  return [
    pageHead('Suspicion', 'src/4-detection/suspicion-table.ts'),
    INTRODUCTION,
    '\n## Features\n\n',
    table(['name', 'feature', 'value', 'weight at 0', 'weight at 1', 'of packets'], FEATURES.map(cellsOf)),
    '\n\n## Budgets\n',
    BUDGETS,
    '\n',
    table(
      ['suspicion', 'budget, limit-seconds', ...TIMES.map(times => `${times} x`)],
      SUSPICIONS.map(budgetCells),
    ),
    '\n',
  ].join('')
}

const signed = (weight: number): string => (weight > 0 ? `+${weight}` : String(weight))

const cellsOf = ({ name, title, measures, weightAtZero, weightAtOne, onlyUnnamed }: Feature): string[] => [
  `\`${name}\``,
  title,
  measures,
  signed(weightAtZero),
  signed(weightAtOne),
  onlyUnnamed ? 'that no vector explains' : 'all',
]

function budgetCells(suspicion: number): string[] {
  const budget = budgetAt(suspicion, BOUNDS)
  const found = TIMES.map(times => `${(budget / (times - 1)).toFixed(2)} s`)
  return [String(suspicion), budget.toFixed(2), ...found]
}
