// How bad an attack is, from how far over its limit it was when it opened.

import type { Attack } from '#4-detection/attack.ts'

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Up to so many times its limit, not included. */
const BELOW = [
  ['low', 2],
  ['medium', 5],
  ['high', 20],
] as const

/** What crossed no limit, because somebody asked for it or another detector saw it, is medium. It never changes while the attack lasts. */
export function severityOf({ crossing }: Pick<Attack, 'crossing'>): Severity {
  if (crossing === undefined) return 'medium'
  const times = crossing.value / crossing.threshold
  return BELOW.find(([, limit]) => times < limit)?.[0] ?? 'critical'
}
