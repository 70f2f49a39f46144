// Large answers go out as gzip (RFC 1952) to whoever takes it: an hour of traffic is 200 kB of much the same numbers.
//
// Only answers to readers, and none that holds a secret: those are small. What has an ETag stays as it is, for a strong tag
// means the same bytes (RFC 9110, section 8.8.1).

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { acceptedEncodings } from './console/accepted-encodings.ts'
import { addVary } from './headers.ts'

const LEAST_BYTES = 8192
const compress = promisify(gzip)

export function compressAnswers(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload
    if (payload.length < LEAST_BYTES || reply.hasHeader('etag') || reply.hasHeader('content-encoding'))
      return payload
    addVary(reply, 'Accept-Encoding')
    if (!acceptedEncodings(request.headers['accept-encoding']).includes('gzip')) return payload
    // In a thread of Node's own: the main thread waits for nobody.
    const bytes = await compress(payload, { level: 4 })
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return bytes
  })
}
