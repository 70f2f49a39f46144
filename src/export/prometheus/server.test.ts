import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { until } from '../../../test/until.ts'
import { serveMetrics } from './server.ts'
import { parseExposition } from './strict-parser.ts'

const ANY = { host: '127.0.0.1', port: 0 }

test('GET /metrics answers with valid exposition; other paths and methods are refused', async () => {
  const server = serveMetrics({ listen: ANY, registry: new MetricRegistry(), log: SILENT })
  await server.tried
  const base = `http://127.0.0.1:${server.address?.port}`
  try {
    const [scrape, other, post] = await Promise.all([
      fetch(`${base}/metrics?x=1`),
      fetch(`${base}/`),
      fetch(`${base}/metrics`, { method: 'POST' }),
    ])
    const families = parseExposition(await scrape.text())
    const again = parseExposition(await (await fetch(`${base}/metrics`)).text())

    assert.equal(scrape.status, 200)
    assert.equal(scrape.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    assert.ok(families.some(family => family.name === 'floodwarden_metrics_requests_total'))
    assert.equal(other.status, 404)
    assert.equal(post.status, 405)
    const requests = again.find(family => family.name === 'floodwarden_metrics_requests_total')
    assert.deepEqual(
      requests?.samples.map(sample => [sample.labels.get('outcome'), sample.value]),
      [
        ['served', 1],
        ['refused', 2],
        ['failed', 0],
      ],
    )
  } finally {
    await server.close()
  }
})

test('whoever asks for OpenMetrics gets it, and caches are told that answers differ', async () => {
  const server = serveMetrics({ listen: ANY, registry: new MetricRegistry(), log: SILENT })
  await server.tried
  try {
    const scrape = await fetch(`http://127.0.0.1:${server.address?.port}/metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' },
    })
    const text = await scrape.text()

    assert.equal(
      scrape.headers.get('content-type'),
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
    assert.equal(scrape.headers.get('vary'), 'Accept')
    assert.match(text, /^# TYPE floodwarden_metrics_requests counter$/m)
    assert.ok(text.endsWith('\n# EOF\n'))
  } finally {
    await server.close()
  }
})

test('a source that throws costs one answer, not the endpoint', async () => {
  const registry = new MetricRegistry()
  let isBroken = true
  registry.add([{ name: 'odd', kind: 'gauge', help: 'Odd.' }], () => {
    if (isBroken) throw new Error('broken source')
    return []
  })
  const server = serveMetrics({ listen: ANY, registry, log: SILENT })
  await server.tried
  const url = `http://127.0.0.1:${server.address?.port}/metrics`
  try {
    const first = await fetch(url)
    isBroken = false
    const second = await fetch(url)

    assert.equal(first.status, 500)
    assert.doesNotMatch(await first.text(), /broken/)
    assert.equal(second.status, 200)
    await second.text()
  } finally {
    await server.close()
  }
})

test('a busy port is waited for', async () => {
  const holder = createServer()
  const port = await new Promise<number>(resolve => {
    holder.listen(0, '127.0.0.1', () => {
      const address = holder.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const server = serveMetrics({
    listen: { host: '127.0.0.1', port },
    registry: new MetricRegistry(),
    log: SILENT,
    retryMs: 5,
  })
  try {
    await server.tried
    const problem = server.problem
    await new Promise(resolve => holder.close(resolve))
    await until(() => server.isListening)

    assert.match(problem ?? '', /EADDRINUSE/)
    assert.equal(server.address?.port, port)
  } finally {
    await server.close()
  }
})
