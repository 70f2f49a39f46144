// Signing in, and having a token that is almost over renewed.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readJson } from './body.ts'
import type { TokenRoom } from './desk.ts'
import type { DdpsMetrics } from './metrics.ts'
import { Refusal } from './refusal.ts'
import type { DdpsRoute } from './route.ts'
import { COOKIE, type DdpsTokens } from './token-desk.ts'

/** Sooner nothing is renewed. */
const REFRESH_SECONDS = 30
const CHARACTERS_MAX = 256

const signInSchema = z.object({ username: z.string(), password: z.string() })

export const signInRoutes = (
  room: TokenRoom,
  tokens: DdpsTokens,
  metrics: Pick<DdpsMetrics, 'signedIn'>,
): readonly DdpsRoute[] => [
  {
    ...{ method: 'POST', path: '/signin', role: 'public', reach: 'everything' },
    handle: async (request, reply) => {
      const body = signInSchema.safeParse(readJson(request))
      if (!body.success) throw new Refusal(400, 'failed to parse JSON body')
      const { username, password } = body.data
      const outcome = await signIn(room, username, password, request)
      metrics.signedIn(outcome.kind)
      if (outcome.kind === 'wrong') throw new Refusal(401, 'user / password is wrong or unknown')
      if (outcome.kind === 'throttled') {
        const { retryAfterSeconds: seconds } = outcome
        throw new Refusal(429, `too many attempts to sign in, try again in ${seconds} s`, seconds)
      }
      setCookie(reply, room.isSecure(request.raw), tokens.issue(outcome.holder))
      return ''
    },
  },
  {
    ...{ method: 'POST', path: '/refresh', role: 'viewer', reach: 'customers' },
    credential: tokens.credential,
    handle: async (request, reply) => {
      const shown = tokens.shown(request.raw)
      // Somebody who is known by something else has no token to renew.
      if (shown.kind !== 'good') throw new Refusal(401, 'no cookie')
      const { claims } = shown
      const now = Math.floor(room.now() / 1000)
      const early = claims.exp - now - REFRESH_SECONDS
      if (early > 0) throw new Refusal(400, 'token expired', early)
      const holder = room.holder(claims.Adminid)
      if (holder === undefined || now - claims.iat >= room.life().longestSeconds)
        throw new Refusal(401, 'invalid token')
      setCookie(reply, room.isSecure(request.raw), tokens.issue(holder, claims.iat))
      return ''
    },
  },
]

/** What is too long to be anybody's is not looked at. */
function signIn(room: TokenRoom, username: string, password: string, { raw }: FastifyRequest) {
  const isTooLong = username.length > CHARACTERS_MAX || password.length > CHARACTERS_MAX
  if (isTooLong || username === '' || password === '') return { kind: 'wrong' } as const
  return room.signIn(username, password, raw)
}

function setCookie(
  reply: FastifyReply,
  isSecure: boolean,
  issued: { readonly token: string; readonly expires: Date } | undefined,
): void {
  if (issued === undefined) throw new Refusal(500, 'internal error creating token')
  const { token, expires } = issued
  const words = `Path=/; Expires=${expires.toUTCString()}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  reply.header('set-cookie', `${COOKIE}=${token}; ${words}`)
}
