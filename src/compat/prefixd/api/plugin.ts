// prefixd's API as a Fastify plugin at prefixd's own paths: its headers, its error bodies, and bodies as they come.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { AccessRefusal, type AccessRule } from '#api/contract/access.ts'
import { newUuid } from '#lib/uuid.ts'
import { countRequests } from './count-requests.ts'
import type { FeedSocket } from './feed.ts'
import type { PrefixdMetrics } from './metrics.ts'
import { Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

/** prefixd's own limit. */
const BODY_BYTES_MAX = 1024 * 1024
const REQUEST_ID = /^[A-Za-z0-9_.-]{1,128}$/
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const

export interface PrefixdPlugin {
  readonly plugin: FastifyPluginAsync
  readonly rules: readonly AccessRule[]
}

/** `failed` is told what we did wrong; clients are not. */
export function prefixdPlugin(
  routes: readonly DialectRoute[],
  metrics: PrefixdMetrics,
  failed: (error: unknown, path: string) => void,
): PrefixdPlugin {
  const plugin: FastifyPluginAsync = async server => {
    // Webhooks are signed over the bytes that came, so every body stays as it is until somebody reads it.
    server.removeAllContentTypeParsers()
    server.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    )
    addHeaders(server)
    const switched = countRequests(server, metrics)
    server.setErrorHandler((error: FastifyError | Refusal | AccessRefusal, request, reply) => {
      const refusal = refusalOf(error)
      if (refusal.statusCode === 500) failed(error, request.routeOptions.url ?? '')
      return sendRefusal(reply, refusal)
    })
    for (const { method, path, success, handle, socket } of routes)
      server.route({
        ...{ method, url: path, bodyLimit: BODY_BYTES_MAX },
        ...(socket === undefined
          ? {}
          : {
              wsHandler: (client: FeedSocket, request: FastifyRequest) => {
                switched(request)
                socket(client, request)
              },
            }),
        handler: async (request, reply) => {
          reply.code(success)
          const answer = await handle(request, reply)
          if (reply.sent) return reply
          return answer === undefined ? reply.send() : reply.send(answer)
        },
      })
    await server.register(
      async unknown => {
        unknown.setNotFoundHandler((request, reply) => {
          const path = request.url.split('?')[0] ?? ''
          const isThere = routes.some(route => isAt(route.path, path))
          return sendRefusal(
            reply,
            isThere ? new Refusal(405, 'method not allowed') : new Refusal(404, 'not found'),
          )
        })
      },
      { prefix: '/v1' },
    )
  }
  return { plugin, rules: routes.map(({ method, path, role, reach }) => ({ method, path, role, reach })) }
}

function addHeaders(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply) => {
    const given = request.headers['x-request-id']
    const isFine = typeof given === 'string' && REQUEST_ID.test(given)
    reply.headers({ ...HEADERS, 'x-request-id': isFine ? given : newUuid() })
  })
}

const sendRefusal = (reply: FastifyReply, { statusCode, message, more }: Refusal): FastifyReply => {
  const wait = more['retry_after_seconds']
  if (typeof wait === 'number') reply.header('retry-after', String(wait))
  return reply
    .code(statusCode)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify({ error: message, ...more }))
}

function refusalOf(error: FastifyError | Refusal | AccessRefusal): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof AccessRefusal) return ofAccess(error)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal(413, 'length limit exceeded')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal(415, 'Expected request with `Content-Type: application/json`')
    default: {
      const isTheirs = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
      return isTheirs
        ? new Refusal(error.statusCode ?? 400, 'invalid request')
        : new Refusal(500, 'internal error')
    }
  }
}

function ofAccess({ reason, statusCode, retryAfterSeconds = 1 }: AccessRefusal): Refusal {
  if (reason === 'rate-limited')
    return new Refusal(429, 'rate_limited', { retry_after_seconds: retryAfterSeconds })
  if (reason === 'unauthenticated') return new Refusal(401, 'unauthorized: authentication required')
  return new Refusal(statusCode, 'forbidden')
}

/** `/v1/mitigations/:id` is at `/v1/mitigations/abc`. */
function isAt(route: string, path: string): boolean {
  const [wanted, found] = [route.split('/'), path.split('/')]
  return (
    wanted.length === found.length && wanted.every((step, at) => step.startsWith(':') || step === found[at])
  )
}
