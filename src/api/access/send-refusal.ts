// A refusal of the gate in the native words: a problem document, with what HTTP asks to come with it.

import type { FastifyReply } from 'fastify'
import type { AccessRefusal } from '../contract/access.ts'
import { problemOf } from '../errors.ts'
import { sendProblem } from '../route.ts'

export function sendRefusal(reply: FastifyReply, refusal: AccessRefusal): FastifyReply {
  const { reason, retryAfterSeconds, message } = refusal
  // RFC 9110, section 11.6.1: a 401 says how one may say who one is.
  if (reason === 'unauthenticated') reply.header('WWW-Authenticate', 'Bearer realm="floodwarden"')
  if (retryAfterSeconds !== undefined) reply.header('Retry-After', String(retryAfterSeconds))
  return sendProblem(reply, problemOf(reason, message))
}
