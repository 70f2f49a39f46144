// Has native requests that create or do something (POST) heed the header Idempotency-Key.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BACKUP } from './contract/backup.ts'
import { ROUTES } from './contract/routes.ts'
import { problemOf } from './errors.ts'
import { type Claim, type IdempotencyKeys, idempotencyKeyOf } from './idempotency.ts'
import { sendProblem } from './route.ts'

const NATIVE = '/api/v1/'

/** Where the header is ignored: their answers or bodies are secrets, which nothing keeps, or are large. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  ...[ROUTES.logIn.path, ROUTES.useSetupLink.path, ROUTES.addUser.path, ROUTES.addToken.path, BACKUP.path],
])

/** What a repetition would be spared: an answer that asks for a later try is not kept. */
const isFinal = (status: number): boolean => status < 500 && status !== 429

export function addIdempotency(server: FastifyInstance, keys: IdempotencyKeys): void {
  const claims = new WeakMap<FastifyRequest, Extract<Claim, { kind: 'new' }>>()

  server.addHook('preHandler', (request, reply, done) => {
    const header = headerOf(request)
    if (header === undefined) return done()
    const key = idempotencyKeyOf(header)
    if (key === undefined) {
      const errors = [{ at: 'Idempotency-Key', problem: 'expected 1 to 255 printable characters without "' }]
      return void sendProblem(reply, problemOf('invalid-request', undefined, errors))
    }
    const { identity, method, url, body } = request
    const claim = keys.claim({ identity, key, method, url, body })
    switch (claim.kind) {
      case 'new':
        claims.set(request, claim)
        return done()
      case 'again':
        reply.header('idempotency-replayed', 'true').header('content-type', claim.answer.contentType)
        return void reply.code(claim.answer.status).send(claim.answer.text)
      case 'in-progress':
        return void sendProblem(reply.header('retry-after', '1'), problemOf('request-in-progress'))
      case 'other':
        return void sendProblem(reply, problemOf('key-used-otherwise'))
    }
  })

  // Also when whoever asked is gone: that is when he asks again.
  server.addHook('onSend', (request, reply, payload, done) => {
    const claim = claims.get(request)
    if (claim === undefined) return done()
    const contentType = reply.getHeader('content-type')
    if (typeof payload !== 'string' || typeof contentType !== 'string' || !isFinal(reply.statusCode))
      claim.failed()
    else claim.done({ status: reply.statusCode, contentType, text: payload })
    done()
  })
}

/** Whether a route, by its path as the router has it, is one of those. */
export const heedsKey = (method: string, path: string): boolean =>
  method === 'POST' && path.startsWith(NATIVE) && !NOT_KEPT.has(path)

function headerOf({ method, headers, routeOptions }: FastifyRequest): string | undefined {
  const { url } = routeOptions
  if (url === undefined || !heedsKey(method, url)) return undefined
  const value = headers['idempotency-key']
  return Array.isArray(value) ? value.join() : value
}
