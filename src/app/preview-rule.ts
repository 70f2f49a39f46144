// What a rule would have matched of the last minute: the samples that the rings hold of its target, asked one by one.

import type { DistillSample } from '#5-evidence/distill/distillation.ts'
import { samplesOfRecords } from '#5-evidence/distill/sample-of-record.ts'
import { wilson } from '#5-evidence/distill/shares.ts'
import type { PreviewTraffic } from '#api/contract/rule-preview.ts'
import { assert } from '#lib/assert.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import { contains, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Engine } from './engine.ts'

/** Texts that were checked before. */
export interface PreviewAsk {
  /** Address or prefix. */
  readonly target: string
  /** What the rule matches. */
  readonly flow: string
}

const SECONDS = 60
/** The newest samples that are looked at. */
const SAMPLES_MAX = 20_000

export function previewRule(
  engine: Pick<Engine, 'heldOf' | 'suspicion' | 'looksInsideTunnels'>,
  { target, flow }: PreviewAsk,
): PreviewTraffic {
  const parsed = parseRule(flow)
  const prefix = parsePrefix(target)
  assert(parsed.kind === 'parsed' && prefix !== undefined, 'only rules that were read are sent to the engine')
  const { records, wallMs } = engine.heldOf(target, SECONDS)
  const newest = records.slice(-SAMPLES_MAX)
  const oldest = newest[0]?.timeMicros
  const samples = samplesOfRecords(newest, engine.looksInsideTunnels).filter(({ packet }) =>
    contains(prefix, hostOf(packet.target)),
  )
  const friends = samples.filter(({ packet }) => engine.suspicion.isFriend(packet.target, packet.source))
  return {
    seconds: oldest === undefined ? 0 : Math.max(1, Math.round(wallMs / 1000 - oldest / 1e6)),
    packets: shareBy(parsed.value, samples, ({ weight }) => weight),
    bits: shareBy(parsed.value, samples, ({ weight, packet }) => weight * packet.length),
    friends: shareBy(parsed.value, friends, ({ weight }) => weight),
  }
}

const hostOf = ({ family, value }: DistillSample['packet']['target']): Prefix => ({
  ...{ family, value, length: family === 4 ? 32 : 128 },
})

function shareBy(
  flow: Flow,
  samples: readonly DistillSample[],
  weightOf: (sample: DistillSample) => number,
): PreviewTraffic['packets'] {
  let [all, squares, weight, matched] = [0, 0, 0, 0]
  for (const sample of samples) {
    const own = weightOf(sample)
    all += own
    squares += own * own
    if (!matches(flow, sample.packet)) continue
    matched++
    weight += own
  }
  const share = all === 0 ? 0 : weight / all
  // Samples that stand for unequal numbers tell as much as fewer equal ones (Kish).
  const effective = squares === 0 ? 0 : (all * all) / squares
  return { share, ...wilson(share, effective), matched, of: samples.length }
}
