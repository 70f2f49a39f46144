// What the clock of the daemon counts.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { Engine } from '../engine.ts'
import type { TickLoop } from './tick-loop.ts'

export const METRICS = [
  { name: 'floodwarden_ticks_total', kind: 'counter', help: 'Times traffic was judged.' },
  {
    name: 'floodwarden_late_ticks_total',
    kind: 'counter',
    help: 'Ticks that began more than a whole tick late: the machine is too busy.',
  },
  { name: 'floodwarden_tick_seconds', kind: 'gauge', help: 'Time the last tick took.' },
  {
    name: 'floodwarden_pass_seconds',
    kind: 'gauge',
    help: 'Time the last full pass took: the tick in which all hosts with traffic are visited, once per flow window.',
  },
  {
    name: 'floodwarden_tick_interval_seconds',
    kind: 'gauge',
    help: 'Length of a tick. It grows while ticks cost more than 30 % of a core; in plain mode it is fixed.',
  },
  { name: 'floodwarden_tick_share', kind: 'gauge', help: 'Share of a core that ticks take, 0 to 1.' },
] as const satisfies readonly MetricDeclaration[]

/** How the clock fares. */
export type LoopFacts = Pick<
  TickLoop,
  'tickMs' | 'share' | 'late' | 'lastTickMicros' | 'lastPassMicros' | 'secondsSinceTick'
>

export const loopSource =
  (loop: LoopFacts, engine: Pick<Engine, 'ticks'>): MetricSource =>
  () => [
    { name: 'floodwarden_ticks_total', value: engine.ticks },
    { name: 'floodwarden_late_ticks_total', value: loop.late },
    { name: 'floodwarden_tick_seconds', value: loop.lastTickMicros / 1e6 },
    { name: 'floodwarden_pass_seconds', value: loop.lastPassMicros / 1e6 },
    { name: 'floodwarden_tick_interval_seconds', value: loop.tickMs / 1000 },
    { name: 'floodwarden_tick_share', value: loop.share },
  ]
