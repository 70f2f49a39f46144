// How long windows of an engine are and when a line is busy, from its configuration.

import type { CountedSource, SpeedTiming } from '#3-traffic/speed.ts'
import { busyMarks } from '#4-detection/limit.ts'
import type { Membership } from '#4-detection/membership.ts'
import type { ResolvedConfig } from './config/config.ts'
import { BUDGET_TICK_SECONDS } from './tick-clock.ts'

/** Where all traffic is told of by flow records, those that are counted now may have come so long ago. */
export const spreadSecondsOf = (
  { telemetry, detection }: ResolvedConfig,
  sources: readonly CountedSource[],
): number =>
  detection.mode === 'budget' && sources.every(({ tables }) => tables.extras !== undefined)
    ? telemetry.spreadSeconds
    : 0

/** In plain mode a tick is a window, and each visits all lines with traffic. */
export function timingOf(
  { detection, traffic, capture }: ResolvedConfig,
  membership: Membership,
): SpeedTiming {
  const { averageSeconds, speedSeconds: windowSeconds } = traffic
  const isPlain = detection.mode === 'plain'
  return {
    averageSeconds,
    windowSeconds,
    ...(isPlain ? NEVER_BUSY : busyMarks(membership.sets, BUDGET_TICK_SECONDS, capture.samplingRate)),
  }
}

const NEVER_BUSY = { busyPackets: 2 ** 31, busyBytes: 2 ** 31 }
