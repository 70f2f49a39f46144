// A server that numbers are posted to, which keeps what it heard. For tests of exporters.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'

export interface HeardPost {
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly body: string
}

export async function postServer(
  t: TestContext,
  answer: (response: ServerResponse, heard: HeardPost) => void,
) {
  const heard: HeardPost[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const bytes = Buffer.concat(parts)
    const isGzip = request.headers['content-encoding'] === 'gzip'
    const one = {
      ...{ url: new URL(request.url ?? '', 'http://x'), headers: request.headers },
      body: (isGzip ? gunzipSync(bytes) : bytes).toString(),
    }
    heard.push(one)
    answer(response, one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, heard }
}
