// A share of samples, with the interval in which it lies (Wilson 1927).

import type { DistillSample, Share } from './distillation.ts'

/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.96

/** By weight; the interval counts samples as many as equal ones are worth as much (Kish 1965). */
export function shareOf(
  samples: readonly DistillSample[],
  isMatched: (sample: DistillSample, at: number) => boolean,
): Share {
  let [all, squares, weight, matched] = [0, 0, 0, 0]
  for (const [at, sample] of samples.entries()) {
    all += sample.weight
    squares += sample.weight * sample.weight
    if (!isMatched(sample, at)) continue
    weight += sample.weight
    matched++
  }
  const of = samples.length
  if (all === 0) return { share: 0, low: 0, high: 1, matched: 0, of }
  const share = weight / all
  return { share, ...wilson(share, (all * all) / squares), matched, of }
}

function wilson(share: number, count: number): { readonly low: number; readonly high: number } {
  const z2 = (Z * Z) / count
  const middle = (share + z2 / 2) / (1 + z2)
  const spread = (Z * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))) / (1 + z2)
  return { low: Math.max(0, middle - spread), high: Math.min(1, middle + spread) }
}
