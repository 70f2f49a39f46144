// How flow records are counted, from the configuration: the same live and in a replay.

import { countingOf } from '../capture/counting-options.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { TelemetryTask } from './task.ts'

/** Plain mode counts records as FastNetMon does: when they arrive, and a flow with SYN among its flags as SYN. */
export function recordCountingOf(config: ResolvedConfig, seed: number): TelemetryTask['counting'] {
  const { telemetry, detection } = config
  const isPlain = detection.mode === 'plain'
  const { hostsMax, incoming, outgoing, internal, flows, idleWindows } = countingOf(config, seed)
  return {
    ...{ hostsMax, seed, incoming, outgoing, internal, flows, idleWindows },
    lengthFromIp: telemetry.length === 'ip',
    spreadMs: isPlain ? 0 : telemetry.spreadSeconds * 1000,
    wholeSyn: isPlain,
  }
}
