// A web server that hears alerts, and settings by which an alert room may reach it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { notifySchema } from '#notify/config.ts'
import type { OutgoingConfig } from '#notify/webhook/config.ts'

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
  /** Settles when so many were heard, or after a while. */
  const until = async (many: number) => {
    for (let tries = 0; tries < 2000 && heard.length < many; tries++) await sleep(10)
  }
  return { url: `http://127.0.0.1:${port}/T0/qqSECRETqq`, heard, until, config: () => ({ outgoing, notify }) }
}
