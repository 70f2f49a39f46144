// FastNetMon's own pass over its counters, as it measures it itself, while every host has traffic.

import { setTimeout as delay } from 'node:timers/promises'
import { startFlood } from '../lab/flood.ts'
import { startFastnetmon } from './fastnetmon.ts'
import type { Metrics } from './metrics-reader.ts'
import type { Size } from './ring-frames.ts'
import { GENERATOR_PROCESSOR, onStage } from './stage.ts'
import { median } from './statistics.ts'

/** One look per pass, which it makes each second. */
const LOOK_MILLISECONDS = 1000
const LOOKS = 6
const FLOOD_SECONDS = 8

/** Milliseconds of the median pass, connection tracking off; needs root. */
export const peerPassMilliseconds = (size: Size): Promise<number> =>
  onStage(async stage => {
    await using detector = await startFastnetmon({ stage, networks: [size.v4], tracking: false })
    const flood = startFlood(stage.lab, stage.link, {
      scenario: 'throughput-60',
      mode: 'burst',
      rate: 'max',
      target: size.v4,
      seconds: FLOOD_SECONDS,
      processor: GENERATOR_PROCESSOR,
    })
    const passes: number[] = []
    for (let look = 0; look < LOOKS; look++) {
      await delay(LOOK_MILLISECONDS)
      passes.push(peerPassOf(await detector.metrics()))
    }
    await flood.sent
    // The first looks are from before the flood reached all hosts.
    return median(passes.slice(2))
  })

/** Milliseconds of FastNetMon's last pass, by its own metrics. */
export function peerPassOf(metrics: Metrics): number {
  const value = (unit: string) => metrics.get(`fastnetmon_speed_recalculation_time_${unit}`) ?? 0
  return value('seconds') * 1000 + value('microseconds') / 1000
}
