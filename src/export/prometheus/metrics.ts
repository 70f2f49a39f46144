// Metrics about the process itself and about the reading of metrics.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'

/** Of the process, whoever reads them. */
export const PROCESS_METRICS = [
  {
    name: 'floodwarden_build',
    kind: 'gauge',
    help: 'Always 1; the labels say which version runs on which Node.',
    labels: ['version', 'node'],
  },
  {
    name: 'floodwarden_start_time_seconds',
    kind: 'gauge',
    help: 'When the process started, in seconds since 1970 UTC.',
  },
  {
    name: 'floodwarden_cpu_seconds_total',
    kind: 'counter',
    help: 'Processor time of all threads of the process, user and system.',
  },
  {
    name: 'floodwarden_resident_memory_bytes',
    kind: 'gauge',
    help: 'Memory of the process that is resident.',
  },
  {
    name: 'floodwarden_main_thread_busy_seconds_total',
    kind: 'counter',
    help: 'Time the main thread was not waiting for events.',
  },
] as const satisfies readonly MetricDeclaration[]

/** Of the endpoint. */
export const METRICS = [
  {
    name: 'floodwarden_metrics_requests_total',
    kind: 'counter',
    help: 'Requests to the metrics endpoint, by outcome: served, refused (another path or method), failed.',
    labels: ['outcome'],
  },
] as const satisfies readonly MetricDeclaration[]

/** Requests to the endpoint. */
export interface RequestCounts {
  served: number
  refused: number
  failed: number
}

export const requestSource =
  (requests: Readonly<RequestCounts>): MetricSource =>
  () =>
    Object.entries(requests).map(([outcome, value]) => ({
      name: 'floodwarden_metrics_requests_total',
      value,
      labels: { outcome },
    }))

/** Values of this process at the moment of reading. */
export const processSource =
  (version: string): MetricSource =>
  () => {
    const cpu = process.cpuUsage()
    const busyMs = performance.eventLoopUtilization().active
    return [
      { name: 'floodwarden_build', value: 1, labels: { version, node: process.versions.node } },
      { name: 'floodwarden_start_time_seconds', value: performance.timeOrigin / 1000 },
      { name: 'floodwarden_cpu_seconds_total', value: (cpu.user + cpu.system) / 1e6 },
      { name: 'floodwarden_resident_memory_bytes', value: process.memoryUsage.rss() },
      { name: 'floodwarden_main_thread_busy_seconds_total', value: busyMs / 1000 },
    ]
  }
