import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import websocket from '@fastify/websocket'
import { fastify } from 'fastify'
import { until } from '../../../../test/until.ts'
import { PrefixdMetrics } from './metrics.ts'
import { figuresOf } from './own-figures.ts'
import { prefixdPlugin } from './plugin.ts'
import type { DialectRoute } from './route.ts'

const at = (path: string) =>
  ({ method: 'GET', path, role: 'public', reach: 'everything', success: 200, summary: 'A test.' }) as const

async function serve(t: TestContext) {
  const metrics = new PrefixdMetrics('p1')
  const gate = Promise.withResolvers<void>()
  const routes: DialectRoute[] = [
    { ...at('/v1/slow'), handle: () => gate.promise },
    { ...at('/v1/feed'), handle: async () => undefined, socket: () => {} },
  ]
  const server = fastify({ forceCloseConnections: true })
  await server.register(websocket)
  await server.register(prefixdPlugin(routes, metrics, () => {}).plugin)
  t.after(() => server.close())
  const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
  const hasLine = async (line: string) => {
    const text = () => metrics.text({ active: [], sessions: {}, own: figuresOf([]), waiting: [] })
    await until(() => text().split('\n').includes(line), line)
  }
  return { port, gate, hasLine }
}

test('who hangs up before the answer is no longer being answered', async t => {
  const { port, gate, hasLine } = await serve(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /v1/slow HTTP/1.1\r\nhost: here\r\n\r\n')
  await hasLine('prefixd_http_in_flight_requests{method="GET",route="/v1/slow"} 1')

  socket.destroy()

  await hasLine('prefixd_http_in_flight_requests{method="GET",route="/v1/slow"} 0')
  await hasLine('prefixd_http_requests_total{method="GET",route="/v1/slow",status_class="4xx"} 1')
  gate.resolve()
})

test('a request that became a WebSocket was answered, and counts once', async t => {
  const { port, hasLine } = await serve(t)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed`)

  await once(socket, 'open')

  await hasLine('prefixd_http_in_flight_requests{method="GET",route="/v1/feed"} 0')
  socket.close()
  await once(socket, 'close')
  await hasLine('prefixd_http_requests_total{method="GET",route="/v1/feed",status_class="1xx"} 1')
})
