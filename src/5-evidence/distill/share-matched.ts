// What share of samples rules match, with its interval (Wilson's, 95 %).

import { matches } from '#lib/flowspec/matches.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import type { DistillSample, Share } from './distillation.ts'

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96

/** Of the samples that at least one of the rules matches: their weight over that of all. */
export function shareMatched(flows: readonly Flow[], samples: readonly DistillSample[]): Share {
  let [matched, weight, all] = [0, 0, 0]
  for (const sample of samples) {
    all += sample.weight
    if (!flows.some(flow => matches(flow, sample.packet))) continue
    matched++
    weight += sample.weight
  }
  return shareOf(all === 0 ? 0 : weight / all, matched, samples.length)
}

/** With the interval that so many samples allow; of none it is anything. */
export function shareOf(share: number, matched: number, of: number): Share {
  if (of === 0) return { share: 0, low: 0, high: 1, matched, of }
  const square = (Z * Z) / of
  const middle = (share + square / 2) / (1 + square)
  const half = (Z * Math.sqrt((share * (1 - share)) / of + square / (4 * of))) / (1 + square)
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), matched, of }
}
