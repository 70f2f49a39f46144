// Shares of samples with their interval (Wilson, 95 %).

import type { Share } from './distillation.ts'
import type { Columns } from './fields.ts'

const Z = 1.96

/** `marks` has a one for each sample that is matched. Unequal weights make the interval wider. */
export function shareOf({ weights, totalWeight, effective, samples }: Columns, marks: Uint8Array): Share {
  let [weight, count] = [0, 0]
  for (let at = 0; at < marks.length; at++) {
    if (marks[at] === 0) continue
    weight += weights[at]!
    count++
  }
  const share = totalWeight === 0 ? 0 : weight / totalWeight
  return { share, ...wilson(share, effective), matched: count, of: samples.length }
}

export function wilson(share: number, samples: number): { readonly low: number; readonly high: number } {
  if (samples === 0) return { low: 0, high: 1 }
  const square = (Z * Z) / samples
  const middle = (share + square / 2) / (1 + square)
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / samples + square / (4 * samples))
  return {
    low: Math.max(0, Math.min(share, middle - half)),
    high: Math.min(1, Math.max(share, middle + half)),
  }
}
