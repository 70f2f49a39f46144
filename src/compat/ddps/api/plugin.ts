// DDPS's API as a Fastify plugin at DDPS's own paths: answers are one line of text, and so are refusals.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import type { AccessRefusal, AccessRule } from '#api/contract/access.ts'
import { unreachable } from '#lib/unreachable.ts'
import { faultOf, refuseBelow, takeBodiesAsTheyCome } from '../../http-dialect.ts'
import type { DdpsDesk } from './desk.ts'
import { DdpsMetrics } from './metrics.ts'
import { Refusal } from './refusal.ts'
import type { DdpsRoute } from './route.ts'
import { ruleRoutes } from './rule-routes.ts'
import { signInRoutes } from './sign-in-routes.ts'
import { DdpsTokens, type ShownToken } from './token-desk.ts'

/** Fourteen texts, each character of them escaped, take less. */
const BODY_BYTES_MAX = 64 * 1024
const PREFIXES = ['/signin', '/refresh', '/addrule', '/rules'] as const

export interface DdpsPlugin {
  readonly plugin: FastifyPluginAsync
  readonly rules: readonly AccessRule[]
  readonly metrics: DdpsMetrics
}

/** `failed` is told what we did wrong; clients are not. */
export function ddpsPlugin(desk: DdpsDesk, failed: (error: unknown, path: string) => void): DdpsPlugin {
  const metrics = new DdpsMetrics()
  const tokens = new DdpsTokens(desk.tokens)
  const routes: readonly DdpsRoute[] = [
    ...signInRoutes(desk.tokens, tokens, metrics),
    ...ruleRoutes(desk.rules, tokens, metrics),
  ]
  const plugin: FastifyPluginAsync = async server => {
    takeBodiesAsTheyCome(server, BODY_BYTES_MAX)
    server.addHook('onResponse', async (_request, reply) => metrics.answered(reply.statusCode))
    server.setErrorHandler((error: FastifyError | Refusal | AccessRefusal, request, reply) => {
      const refusal = refusalOf(error, () => tokens.shown(request.raw))
      if (refusal === undefined) failed(error, request.routeOptions.url ?? '')
      return sendRefusal(reply, refusal ?? new Refusal(500, 'internal error'))
    })
    for (const { method, path, handle } of routes) addRoute(server, { method, path, handle })
    for (const prefix of PREFIXES)
      await refuseBelow(server, prefix, routes, (reply, why) =>
        sendRefusal(
          reply,
          why === 'method' ? new Refusal(405, 'method not allowed') : new Refusal(404, 'not found'),
        ),
      )
  }
  return { plugin, rules: routes.map(({ handle: _handle, ...rule }) => rule), metrics }
}

function addRoute(
  server: FastifyInstance,
  { method, path, handle }: Pick<DdpsRoute, 'method' | 'path' | 'handle'>,
): void {
  server.route({
    ...{ method, url: path, bodyLimit: BODY_BYTES_MAX },
    handler: async (request, reply) => {
      const answer = await handle(request, reply)
      return typeof answer === 'string' ? sendText(reply, answer) : reply.send(answer)
    },
  })
}

const sendText = (reply: FastifyReply, text: string): FastifyReply =>
  reply.header('content-type', 'text/plain; charset=utf-8').send(text)

function sendRefusal(reply: FastifyReply, { statusCode, message, retryAfterSeconds }: Refusal): FastifyReply {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  // RFC 9110, section 11.6.1.
  if (statusCode === 401) reply.header('www-authenticate', 'Bearer realm="floodwarden"')
  return sendText(reply.code(statusCode), message)
}

/** `undefined`: it is our mistake. */
function refusalOf(
  error: FastifyError | Refusal | AccessRefusal,
  shown: () => ShownToken,
): Refusal | undefined {
  const fault = faultOf(error, (known): known is Refusal => known instanceof Refusal)
  switch (fault.kind) {
    case 'known':
      return fault.error
    case 'access':
      return ofAccess(fault.error, shown)
    case 'too-large':
      return new Refusal(413, `the body is larger than ${BODY_BYTES_MAX} bytes`)
    case 'media-type':
    case 'theirs':
      return new Refusal(400, 'bad request')
    case 'ours':
      return undefined
    default:
      return unreachable(fault)
  }
}

function ofAccess({ reason, message, retryAfterSeconds }: AccessRefusal, shown: () => ShownToken): Refusal {
  if (reason === 'rate-limited') return new Refusal(429, 'too many requests', retryAfterSeconds ?? 1)
  if (reason !== 'unauthenticated') return new Refusal(403, `no rights: ${message}`)
  switch (shown().kind) {
    case 'none':
      return new Refusal(401, 'no cookie')
    case 'malformed':
      return new Refusal(400, 'bad request')
    case 'forged':
      return new Refusal(401, 'invalid signature')
    default:
      return new Refusal(401, 'invalid token')
  }
}
