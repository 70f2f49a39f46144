// prefixd's API as a Fastify plugin at prefixd's own paths: its headers, its error bodies, and bodies as they come.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { AccessRefusal, AccessRule } from '#api/contract/access.ts'
import { unreachable } from '#lib/unreachable.ts'
import { newUuid } from '#lib/uuid.ts'
import { faultOf, refuseBelow, takeBodiesAsTheyCome } from '../../http-dialect.ts'
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
    takeBodiesAsTheyCome(server, BODY_BYTES_MAX)
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
          // The answer and not the reply: that would be waited for until it is on its way.
          return answer === undefined ? reply.send() : answer
        },
      })
    await refuseBelow(server, '/v1', routes, (reply, why) =>
      sendRefusal(
        reply,
        why === 'method' ? new Refusal(405, 'method not allowed') : new Refusal(404, 'not found'),
      ),
    )
  }
  return { plugin, rules: routes.map(({ method, path, role, reach }) => ({ method, path, role, reach })) }
}

function addHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    // Our own doors have set all of them, to the same.
    if (reply.hasHeader('x-request-id')) return done()
    const given = request.headers['x-request-id']
    const isFine = typeof given === 'string' && REQUEST_ID.test(given)
    reply.headers(HEADERS).header('x-request-id', isFine ? given : newUuid())
    done()
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
  const fault = faultOf(error, (known): known is Refusal => known instanceof Refusal)
  switch (fault.kind) {
    case 'known':
      return fault.error
    case 'access':
      return ofAccess(fault.error)
    case 'too-large':
      return new Refusal(413, 'length limit exceeded')
    case 'media-type':
      return new Refusal(415, 'Expected request with `Content-Type: application/json`')
    case 'theirs':
      return new Refusal(fault.status, 'invalid request')
    case 'ours':
      return new Refusal(500, 'internal error')
    default:
      return unreachable(fault)
  }
}

function ofAccess({ reason, statusCode, retryAfterSeconds = 1 }: AccessRefusal): Refusal {
  if (reason === 'rate-limited')
    return new Refusal(429, 'rate_limited', { retry_after_seconds: retryAfterSeconds })
  if (reason === 'unauthenticated') return new Refusal(401, 'unauthorized: authentication required')
  return new Refusal(statusCode, 'forbidden')
}
