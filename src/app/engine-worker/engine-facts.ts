// How the engine fares, in numbers that can be sent to another thread: for status, health, the screen's foot and metrics.

import { decodeSource, trafficSource } from '#3-traffic/metrics.ts'
import type { TotalNumbers } from '#3-traffic/totals.ts'
import { detectionSource } from '#4-detection/metrics.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { Engine } from '../engine.ts'
import { type LoopFacts, loopSource } from '../loops/metrics.ts'

export interface EngineFacts {
  /** Milliseconds between ticks now. */
  readonly tickMs: number
  /** Share of a core that ticks take, 0 to 1. */
  readonly tickShare: number
  readonly ticks: number
  /** Since the last tick ended, when these facts were gathered. */
  readonly secondsSinceTick: number
  readonly lastTickMicros: number
  /** Wall clock of the last tick, ms since 1970 UTC. */
  readonly wallMs: number
  /** Hosts with traffic. */
  readonly hosts: number
  readonly totals: TotalNumbers
  /** Flows per second of all IPv4 hosts in the window that ended last. */
  readonly flowsIpv4: { readonly incoming: number; readonly outgoing: number }
  /** Values of all metrics that are counted where the engine runs; they are declared where metrics are registered. */
  readonly metrics: readonly MetricValue[]
}

export function factsOf(engine: Engine, loop: LoopFacts): EngineFacts {
  const { totals, pass, detector } = engine
  const flows = engine.flowsPerSecond(4)
  return {
    tickMs: loop.tickMs,
    tickShare: loop.share,
    ticks: engine.ticks,
    secondsSinceTick: loop.secondsSinceTick,
    lastTickMicros: loop.lastTickMicros,
    wallMs: engine.now.wallMs,
    hosts: pass.hosts.count,
    totals: totals.numbers,
    flowsIpv4: { incoming: flows.incoming, outgoing: flows.outgoing },
    metrics: [
      ...trafficSource(totals, pass.hosts, () => pass.overflows)(),
      ...decodeSource(totals)(),
      ...detectionSource(detector)(),
      ...engine.evidenceMetrics(),
      ...loopSource(loop, engine)(),
    ],
  }
}
