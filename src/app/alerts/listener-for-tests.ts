// A web server that hears alerts, and settings by which an alert room may reach it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import { notifySchema } from '#notify/config.ts'
import type { OutgoingConfig } from '#notify/webhook/config.ts'
import { until } from '../../../test/until.ts'

export async function listen(t: TestContext) {
  const heard: Record<string, string>[] = []
  const server = createServer(async (request, response) => {
    const parts = await Array.fromAsync(request)
    heard.push({ path: request.url ?? '', ...JSON.parse(Buffer.concat(parts).toString()) })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const outgoing: OutgoingConfig = { allow: ['127.0.0.1'], plainHttp: true, timeoutSeconds: 2 }
  const notify = notifySchema.parse({})
  /** Settles when so many were heard. */
  const untilHeard = (many: number) => until(() => heard.length >= many, `${many} alerts`)
  return {
    url: `http://127.0.0.1:${port}/T0/qqSECRETqq`,
    heard,
    until: untilHeard,
    config: () => ({ outgoing, notify }),
  }
}
