// What dialects of other programs' APIs have in common as Fastify plugins: bodies as they come, faults by kind.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AccessRefusal } from '#api/contract/access.ts'

/** Every body stays as it is until somebody reads it, whatever its sender calls it: some are signed, some are called forms. */
export function takeBodiesAsTheyCome(server: FastifyInstance, bytesMax: number): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bytesMax }, (_request, body, done) =>
    done(null, body),
  )
}

/** The body as it came; empty: there was none. */
export const rawBody = ({ body }: Pick<FastifyRequest, 'body'>): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0)

/** Why a request could not be answered; `Known` is the dialect's own way to refuse. */
export type Fault<Known> =
  | { readonly kind: 'known'; readonly error: Known }
  | { readonly kind: 'access'; readonly error: AccessRefusal }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'media-type' }
  | { readonly kind: 'theirs'; readonly status: number }
  /** A mistake of ours: to be logged, and not told. */
  | { readonly kind: 'ours' }

export function faultOf<Known extends Error>(
  error: FastifyError | Known | AccessRefusal,
  isKnown: (error: Error) => error is Known,
): Fault<Known> {
  if (error instanceof AccessRefusal) return { kind: 'access', error }
  if (isKnown(error)) return { kind: 'known', error }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { kind: 'too-large' }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { kind: 'media-type' }
  const { statusCode: status } = error
  return status !== undefined && status >= 400 && status < 500 ? { kind: 'theirs', status } : { kind: 'ours' }
}

interface Place {
  readonly path: string
}

/** Below a prefix what is at no route is refused in the dialect's words: for its method, or because there is nothing. */
export async function refuseBelow(
  server: FastifyInstance,
  prefix: string,
  routes: readonly Place[],
  refuse: (reply: FastifyReply, why: 'method' | 'path') => FastifyReply,
): Promise<void> {
  await server.register(
    async unknown => {
      unknown.setNotFoundHandler((request, reply) => {
        const path = request.url.split('?')[0] ?? ''
        return refuse(reply, routes.some(route => isAt(route.path, path)) ? 'method' : 'path')
      })
    },
    { prefix },
  )
}

/** `/v1/mitigations/:id` is at `/v1/mitigations/abc`. */
function isAt(route: string, path: string): boolean {
  const [wanted, found] = [route.split('/'), path.split('/')]
  return (
    wanted.length === found.length && wanted.every((step, at) => step.startsWith(':') || step === found[at])
  )
}
