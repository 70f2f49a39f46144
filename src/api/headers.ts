// Headers of every answer: a name for each request, and what keeps browsers from doing with it what nobody meant.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/
const HSTS_SECONDS = 31_536_000

/** The client's own name for it when that is a plain one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

export function addHeaders(server: FastifyInstance, { isTls }: { readonly isTls: boolean }): void {
  const guarding = guardingHeaders(isTls)
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(guarding)
    done()
  })
}

/** Those that are the same for every answer. */
export const guardingHeaders = (isTls: boolean): Record<string, string> => ({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  ...(isTls ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}),
})

/** Says that the answer depends on one more header of the request. */
export function addVary(reply: FastifyReply, header: string): FastifyReply {
  const before = reply.getHeader('vary')
  return reply.header('vary', typeof before === 'string' ? `${before}, ${header}` : header)
}

/** Answers pages of one other origin as CORS wants it (Fetch, section 3.2); of all others nothing is said. */
export function addCors(server: FastifyInstance, origin: string): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin')
    if (request.headers.origin !== origin) return
    reply.header('access-control-allow-origin', origin)
    reply.header('access-control-allow-credentials', 'true')
    reply.header('access-control-expose-headers', 'etag, retry-after, x-request-id, idempotency-replayed')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return
    reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE, OPTIONS')
    reply.header(
      'access-control-allow-headers',
      'content-type, authorization, x-csrf-token, if-match, if-none-match, idempotency-key, x-request-id',
    )
    reply.header('access-control-max-age', '600')
    return reply.code(204).send()
  })
}
