import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricFamily } from '#lib/metrics/registry.ts'
import { otlpBatches, POINTS_MAX } from './encode.ts'

const RESOURCE = { version: '1.2.3', instance: 'ams1', host: 'detector' }
const TIMES = { startedAt: 1_795_169_900_000.25, at: 1_795_169_947_400 }

const familyOf = (
  name: string,
  kind: 'counter' | 'gauge',
  values: number[],
  label?: string,
): MetricFamily => ({
  declaration: { name, kind, help: `Of ${name}.`, ...(label === undefined ? {} : { labels: [label] }) },
  values: values.map((value, at) => ({
    name,
    value,
    ...(label === undefined ? {} : { labels: { [label]: `${at}` } }),
  })),
})

const decoded = (families: readonly MetricFamily[]) =>
  [...otlpBatches(families, RESOURCE, TIMES)].map(({ text, points }) => ({
    points,
    request: JSON.parse(text),
  }))

test('a request has the shape of ExportMetricsServiceRequest', () => {
  const [batch] = decoded([
    familyOf('floodwarden_packets_total', 'counter', [2 ** 40], 'interface'),
    familyOf('floodwarden_network_bits_per_second', 'gauge', [0.5, Number.NaN, Number.POSITIVE_INFINITY]),
  ])

  const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
  assert.deepEqual(batch?.request, {
    resourceMetrics: [
      {
        resource: {
          attributes: [
            text('service.name', 'floodwarden'),
            text('service.version', '1.2.3'),
            text('service.instance.id', 'ams1'),
            text('host.name', 'detector'),
          ],
        },
        scopeMetrics: [
          {
            scope: { name: 'floodwarden', version: '1.2.3' },
            metrics: [
              {
                name: 'floodwarden_packets_total',
                description: 'Of floodwarden_packets_total.',
                sum: {
                  dataPoints: [
                    {
                      attributes: [text('interface', '0')],
                      startTimeUnixNano: '1795169900000250000',
                      timeUnixNano: '1795169947400000000',
                      asInt: '1099511627776',
                    },
                  ],
                  aggregationTemporality: 2,
                  isMonotonic: true,
                },
              },
              {
                name: 'floodwarden_network_bits_per_second',
                description: 'Of floodwarden_network_bits_per_second.',
                unit: 'bit/s',
                gauge: {
                  dataPoints: [0.5, 'NaN', 'Infinity'].map(asDouble => ({
                    timeUnixNano: '1795169947400000000',
                    asDouble,
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  })
  assert.equal(batch?.points, 4)
})

test('requests are bounded, and a family of very many values is told in more than one', () => {
  const values = Array.from({ length: POINTS_MAX * 2 + 1 }, (_, at) => at)

  const batches = decoded([
    familyOf('a', 'gauge', [1]),
    familyOf('b', 'gauge', values, 'x'),
    familyOf('c', 'gauge', []),
  ])

  assert.deepEqual(
    batches.map(({ points }) => points),
    [POINTS_MAX, POINTS_MAX, 2],
  )
  const metrics = batches.map(({ request }) => request.resourceMetrics[0].scopeMetrics[0].metrics)
  assert.deepEqual(
    metrics.map(list => list.map(({ name }: { name: string }) => name)),
    [['a', 'b'], ['b'], ['b']],
  )
  assert.equal(
    metrics.flat().reduce((sum, { gauge }) => sum + gauge.dataPoints.length, 0),
    values.length + 1,
  )
  assert.deepEqual(decoded([]), [])
})
