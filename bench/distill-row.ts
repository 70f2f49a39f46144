// A row of a table about distilling: how many cases of a class reach what the gates ask for, and which do not.

import type { Case } from '../lab/mixture/case.ts'
import { isMet, type Outcome } from '../lab/mixture/trial.ts'
import { median } from './statistics.ts'
import type { Cell } from './table.ts'

/** Classes that ask for something. */
export const KINDS = ['separable', 'two', 'inseparable'] as const

export const COLUMNS = [
  'what is known',
  'class',
  'met',
  'refused',
  'median attack %',
  'most honest %',
  'not met',
]

export interface Judged {
  readonly one: Case
  readonly outcome: Outcome
}

/** Judged by the gate of this class, whatever their own. */
export function rowOf(title: string, kind: (typeof KINDS)[number], judged: readonly Judged[]): Cell[] {
  const missed = judged.filter(({ outcome }) => !isMet(kind, outcome))
  const withRules = judged.filter(({ outcome }) => outcome.kind === 'rules').map(({ outcome }) => outcome)
  const figures =
    withRules.length === 0
      ? ['-', '-']
      : [
          (100 * median(withRules.map(({ attack }) => attack))).toFixed(2),
          (100 * Math.max(...withRules.map(({ honest }) => honest))).toFixed(3),
        ]
  return [
    title,
    kind,
    `${judged.length - missed.length} of ${judged.length}`,
    judged.length - withRules.length,
    ...figures,
    missed.map(({ one, outcome }) => `${one.name} (${shortly(outcome)})`).join('; '),
  ]
}

export const shortly = ({ kind, attack, honest }: Outcome): string =>
  kind === 'rules' ? `${(100 * attack).toFixed(1)} / ${(100 * honest).toFixed(2)}` : kind
