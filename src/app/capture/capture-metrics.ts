// The capture metrics of a live crew, by interface.

import { CAPTURE_METRICS } from '#1-capture/metrics.ts'
import type { MetricSource, MetricValue } from '#lib/metrics/metric.ts'
import type { CaptureCrew, WorkerState } from './capture-crew.ts'

export const captureSource =
  (crew: CaptureCrew): MetricSource =>
  () =>
    [...Map.groupBy(crew.states, state => state.interface)].flatMap(([name, states]) =>
      valuesOf(name, states, crew),
    )

function valuesOf(name: string, states: readonly WorkerState[], crew: CaptureCrew): MetricValue[] {
  const labels = { interface: name }
  const sum = (read: (state: WorkerState) => number) =>
    states.reduce((total, state) => total + read(state), 0)
  return [
    { name: CAPTURE_METRICS.packets.name, value: sum(state => state.kernelPackets), labels },
    { name: CAPTURE_METRICS.dropped.name, value: sum(state => state.kernelDrops), labels },
    { name: CAPTURE_METRICS.freezes.name, value: sum(state => state.kernelFreezes), labels },
    { name: CAPTURE_METRICS.blocks.name, value: sum(state => state.blocks), labels },
    { name: CAPTURE_METRICS.linkUp.name, value: states.every(state => state.link === 'up') ? 1 : 0, labels },
    { name: CAPTURE_METRICS.linkChanges.name, value: sum(state => state.linkChanges), labels },
    { name: CAPTURE_METRICS.ringBytes.name, value: states.length * crew.ringBytes, labels },
  ]
}
