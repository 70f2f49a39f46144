// Where live benches play: a generator and a detector at the two ends of a cable, each in a namespace of its own.

import { assert } from '#lib/assert.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import { mirrorPlan } from '../lab/plan.ts'
import { MetricsReader } from './metrics-reader.ts'

export interface Stage {
  readonly lab: Lab
  readonly link: Link
  readonly reader: MetricsReader
}

/** Processor of the generator; detectors run where the scheduler puts them. */
export const GENERATOR_PROCESSOR = 0

/** Does the work on a stage, which is taken down however the work ends. */
export async function onStage<Result>(work: (stage: Stage) => Promise<Result>): Promise<Result> {
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  assert(link !== undefined, 'the plan has a cable')
  return await work({ lab, link, reader: new MetricsReader(lab) })
}
