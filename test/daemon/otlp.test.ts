// All metrics of a real daemon for an OpenTelemetry collector: each request is read strictly by the rules of OTLP's JSON.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { postServer } from '#export/push/http-server-for-tests.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const nano = z.string().regex(/^\d{19}$/)
const attributes = z.array(
  z.strictObject({ key: z.string().min(1), value: z.strictObject({ stringValue: z.string() }) }),
)
const point = z.strictObject({
  attributes: attributes.optional(),
  startTimeUnixNano: nano.optional(),
  timeUnixNano: nano,
  asInt: z
    .string()
    .regex(/^-?\d{1,19}$/)
    .optional(),
  asDouble: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).optional(),
})
const points = z.array(
  point.refine(({ asInt, asDouble }) => (asInt === undefined) !== (asDouble === undefined)),
)
const head = {
  name: z.string().regex(/^[A-Za-z][\w.\-/]{0,254}$/),
  description: z.string(),
  unit: z.string().max(63).optional(),
}
const request = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeMetrics: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          metrics: z.array(
            z.union([
              z.strictObject({ ...head, gauge: z.strictObject({ dataPoints: points }) }),
              z.strictObject({
                ...head,
                sum: z.strictObject({
                  dataPoints: points,
                  aggregationTemporality: z.literal(2),
                  isMonotonic: z.literal(true),
                }),
              }),
            ]),
          ),
        }),
      ),
    }),
  ),
})

test('a collector gets every metric, counters as growing sums since the start, and no secret is told', async t => {
  const folder = temporaryFolder(t)
  const { port, heard } = await postServer(t, response => response.writeHead(200).end('{}'))
  const headersFile = join(folder, 'headers')
  writeFileSync(headersFile, 'Authorization: Bearer s3cret-token\n')
  const write = (more: string) =>
    writeFileSync(
      join(folder, 'config.yaml'),
      `networks: [192.0.2.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\n${more}`,
    )
  write('')
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', join(folder, 'config.yaml')],
  })
  const startedBefore = Date.now()

  // A reload switches it on.
  write(
    `export: { otlp: { url: 'http://127.0.0.1:${port}/v1/metrics', everySeconds: 1, headersFile: ${headersFile}, instance: ams1 } }\n`,
  )
  const { stdout } = await daemon.ask(['reload'])
  while (heard.length < 3) await sleep(20)

  assert.match(stdout, /export\.otlp\.url/)
  assert.equal(heard[0]?.headers.authorization, 'Bearer s3cret-token')
  assert.equal(heard[0]?.headers['content-type'], 'application/json')
  const [first, later] = [heard[0], heard[2]].map(one => request.parse(JSON.parse(one?.body ?? '')))
  const [resource] = first?.resourceMetrics ?? []
  const said = new Map(resource?.resource.attributes.map(({ key, value }) => [key, value.stringValue]))
  assert.equal(said.get('service.name'), 'floodwarden')
  assert.equal(said.get('service.instance.id'), 'ams1')
  const pointOf = (of: typeof first, name: string) => {
    const metric = of?.resourceMetrics[0]?.scopeMetrics[0]?.metrics.find(each => each.name === name)
    return metric && ('sum' in metric ? metric.sum : metric.gauge).dataPoints[0]
  }
  const [ticks, ticksLater] = [
    pointOf(first, 'floodwarden_ticks_total'),
    pointOf(later, 'floodwarden_ticks_total'),
  ]
  assert.ok(Number(ticksLater?.asInt) > Number(ticks?.asInt))
  assert.equal(ticksLater?.startTimeUnixNano, ticks?.startTimeUnixNano)
  assert.ok(Number(ticks?.startTimeUnixNano) / 1e6 < startedBefore)
  assert.equal(pointOf(first, 'floodwarden_hosts')?.startTimeUnixNano, undefined)
  // Also while nobody can scrape it.
  assert.equal(pointOf(first, 'floodwarden_build')?.asInt, '1')
  assert.ok((resource?.scopeMetrics[0]?.metrics.length ?? 0) > 100)
  assert.equal((await daemon.stop()).code, 0)
  assert.ok(!JSON.stringify(daemon.log).includes('s3cret'))
})
