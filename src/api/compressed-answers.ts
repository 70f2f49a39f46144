// Large answers go out as gzip (RFC 1952) to whoever takes it: an hour of traffic is 200 kB of much the same numbers.
//
// Only answers to readers, and none that holds a secret: those are small. What has an ETag stays as it is, for a strong tag
// means the same bytes (RFC 9110, section 8.8.1).

import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { acceptedEncodings } from './console/accepted-encodings.ts'
import { addVary } from './headers.ts'

const LEAST_BYTES = 8192

export function compressAnswers(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string')
      return done(null, payload)
    if (payload.length < LEAST_BYTES || reply.hasHeader('etag') || reply.hasHeader('content-encoding'))
      return done(null, payload)
    addVary(reply, 'Accept-Encoding')
    if (!acceptedEncodings(request.headers['accept-encoding']).includes('gzip')) return done(null, payload)
    // In a thread of Node's own: the main thread waits for nobody.
    gzip(payload, { level: 4 }, (error, bytes) => {
      if (error !== null) return done(error)
      reply.header('content-encoding', 'gzip').removeHeader('content-length')
      return done(null, bytes)
    })
  })
}
