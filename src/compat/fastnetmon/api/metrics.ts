// What FastNetMon's gRPC interface counts.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_fastnetmon_api_connections_refused_total',
    kind: 'counter',
    help: "Connections to FastNetMon's gRPC interface that were closed because 16 were open already.",
  },
] as const satisfies readonly MetricDeclaration[]

export class ApiCounts {
  #refused = 0

  /** A connection was one too many. */
  refused(): void {
    this.#refused++
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_fastnetmon_api_connections_refused_total', value: this.#refused },
  ]
}
