// What share of samples rules match, with its interval (Wilson's, 95 %).

import { matches } from '#lib/flowspec/matches.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import type { DistillSample, Share } from './distillation.ts'
import { wilson } from './shares.ts'

/** Of the samples that at least one of the rules matches: their weight over that of all. */
export function shareMatched(flows: readonly Flow[], samples: readonly DistillSample[]): Share {
  let [matched, weight, all] = [0, 0, 0]
  for (const sample of samples) {
    all += sample.weight
    if (!flows.some(flow => matches(flow, sample.packet))) continue
    matched++
    weight += sample.weight
  }
  const share = all === 0 ? 0 : weight / all
  return { share, ...wilson(share, samples.length), matched, of: samples.length }
}
