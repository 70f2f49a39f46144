// Requests of prefixd's API are counted: how many are being answered, how they were answered, and how long it took.

import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { PrefixdMetrics } from './metrics.ts'

/** nginx's word for a client that did not wait for the answer. */
const HUNG_UP = 499
const SWITCHED = 101

/** The page of metrics itself is not counted. Gives what is to be told of a request that became a WebSocket. */
export function countRequests(
  server: FastifyInstance,
  metrics: PrefixdMetrics,
): (request: FastifyRequest) => void {
  const open = new WeakMap<IncomingMessage, (status: number) => void>()
  server.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request)
    if (route === '/metrics') return done()
    const { method, raw } = request
    metrics.began(method, route)
    const answered = (status: number) => {
      if (open.delete(raw)) metrics.answered({ method, route, status, ms: reply.elapsedTime })
    }
    open.set(raw, answered)
    reply.raw.on('finish', () => answered(reply.statusCode))
    // The hook onResponse is not called for who hangs up early.
    reply.raw.on('close', () => answered(HUNG_UP))
    done()
  })
  return ({ raw }) => open.get(raw)?.(SWITCHED)
}

const routeOf = (request: FastifyRequest): string =>
  request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
