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
] as const satisfies readonly MetricDeclaration[]

export const loopSource =
  (loop: TickLoop, engine: Engine): MetricSource =>
  () => [
    { name: 'floodwarden_ticks_total', value: engine.ticks },
    { name: 'floodwarden_late_ticks_total', value: loop.late },
    { name: 'floodwarden_tick_seconds', value: loop.lastTickMicros / 1e6 },
  ]
