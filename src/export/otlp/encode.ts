// Metrics as OTLP in JSON (opentelemetry-proto 1.x, ExportMetricsServiceRequest): field names in lowerCamelCase, 64-bit integers as text.

import type { MetricDeclaration, MetricValue } from '#lib/metrics/metric.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'

export interface OtlpResource {
  readonly version: string
  readonly instance: string
  readonly host: string
}

/** Milliseconds since 1970 UTC. */
export interface OtlpTimes {
  readonly startedAt: number
  readonly at: number
}

export interface OtlpBatch {
  readonly text: string
  readonly points: number
}

/** Data points in one request, of some hundred bytes each. */
export const POINTS_MAX = 2000
/** AGGREGATION_TEMPORALITY_CUMULATIVE; enums are numbers in OTLP's JSON. */
const CUMULATIVE = 2

/** All values in requests of bounded size. A family of very many values is told in more than one. */
export function* otlpBatches(
  families: readonly MetricFamily[],
  resource: OtlpResource,
  times: OtlpTimes,
): Generator<OtlpBatch> {
  let metrics: unknown[] = []
  let points = 0
  for (const { declaration, values } of families) {
    for (let first = 0; first < values.length; ) {
      const part = values.slice(first, first + POINTS_MAX - points)
      metrics.push(metricOf(declaration, part, times))
      points += part.length
      first += part.length
      if (points < POINTS_MAX) continue
      yield { text: requestOf(metrics, resource), points }
      metrics = []
      points = 0
    }
  }
  if (points > 0) yield { text: requestOf(metrics, resource), points }
}

const requestOf = (metrics: readonly unknown[], { version, instance, host }: OtlpResource): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: {
          attributes: attributesOf({
            'service.name': 'floodwarden',
            'service.version': version,
            'service.instance.id': instance,
            'host.name': host,
          }),
        },
        scopeMetrics: [{ scope: { name: 'floodwarden', version }, metrics }],
      },
    ],
  })

/** A counter is a sum that only grows since the process began, a gauge is what it is now. Names stay those of Prometheus. */
function metricOf({ name, kind, help }: MetricDeclaration, values: readonly MetricValue[], times: OtlpTimes) {
  const unit = unitOf(name)
  const head = { name, description: help, ...(unit === undefined ? {} : { unit }) }
  const dataPoints = values.map(value => pointOf(value, times, kind === 'counter'))
  return kind === 'counter'
    ? { ...head, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }
    : { ...head, gauge: { dataPoints } }
}

const pointOf = ({ value, labels }: MetricValue, { startedAt, at }: OtlpTimes, hasStart: boolean) => ({
  ...(labels === undefined ? {} : { attributes: attributesOf(labels) }),
  ...(hasStart ? { startTimeUnixNano: nanoText(startedAt) } : {}),
  timeUnixNano: nanoText(at),
  ...(Number.isSafeInteger(value) ? { asInt: String(value) } : { asDouble: doubleOf(value) }),
})

/** JSON of protobuf writes what JSON has no number for as text. */
const doubleOf = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'

const attributesOf = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs).map(([key, value]) => ({ key, value: { stringValue: value } }))

/** UCUM, as OpenTelemetry wants units. */
function unitOf(name: string): string | undefined {
  const stem = name.replace(/_total$/, '')
  if (stem.endsWith('_packets_per_second')) return '{packet}/s'
  if (stem.endsWith('_bits_per_second')) return 'bit/s'
  if (stem.endsWith('_flows_per_second')) return '{flow}/s'
  if (stem.endsWith('_seconds')) return 's'
  return stem.endsWith('_bytes') ? 'By' : undefined
}

/** Microseconds are exact in a number until the year 2255; nanoseconds are not. */
const nanoText = (ms: number): string => `${Math.floor(ms * 1000)}000`
