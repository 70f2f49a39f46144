// Joins a route of the contract with the function that answers it: input checked, refusals as problem documents.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { PROBLEM_TYPE, type Problem } from './contract/problem.ts'
import { type Route, takesBody } from './contract/route.ts'
import type { Answer, Caller } from './control.ts'
import { type ErrorCode, problemOf } from './errors.ts'
import { isKnownByIfNoneMatch } from './etag.ts'

export type RouteAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly status?: number }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly detail?: string
      readonly errors?: Problem['errors']
    }

export type Handler<Input extends z.ZodType, Output extends z.ZodType> = (
  input: z.output<Input>,
  caller: Caller,
  /** For headers of the answer; its status and body are what the handler returns. */
  reply: FastifyReply,
) => Answer<RouteAnswer<z.input<Output>>>

export interface Router {
  add<Input extends z.ZodType, Output extends z.ZodType>(
    route: Route<Input, Output>,
    handler: Handler<Input, Output>,
  ): void
}

/** What Fastify hands over before anything is checked. */
interface Wire {
  readonly Params: Readonly<Record<string, string>>
  readonly Querystring: unknown
  readonly Body: unknown
}

/** Routes are added to `server`; `callerOf` says who sent a request. */
export const routerOn = (server: FastifyInstance, callerOf: (request: FastifyRequest) => Caller): Router => ({
  add(route, handler) {
    server.route<Wire>({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const input = route.input.safeParse(fieldsOf(request))
        if (!input.success) return refuseInput(reply, input.error)
        const answer = await handler(input.data, callerOf(request), reply)
        if (answer.kind === 'refused')
          return sendProblem(reply, problemOf(answer.code, answer.detail, answer.errors))
        if (isUnchanged(request, reply)) return reply.code(304).send()
        return reply.code(answer.status ?? route.success).send(answer.value)
      },
    })
  },
})

/** The handler set an ETag that whoever asks has already. */
function isUnchanged(request: FastifyRequest<Wire>, reply: FastifyReply): boolean {
  const tag = reply.getHeader('ETag')
  if (request.method !== 'GET' || typeof tag !== 'string') return false
  return isKnownByIfNoneMatch(request.headers['if-none-match'], tag)
}

/** Answers with a problem document. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 429 && !reply.hasHeader('Retry-After')) reply.header('Retry-After', '1')
  return reply.code(problem.status).header('Content-Type', PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** Answers that a request does not fit the contract, and where. */
export function refuseInput(reply: FastifyReply, error: z.ZodError): FastifyReply {
  const errors = error.issues.map(issue => ({ at: issue.path.join('.'), problem: issue.message }))
  return sendProblem(reply, problemOf('invalid-request', undefined, errors))
}

/** The flat input of the contract. What is no object is handed on as it is, for the schema to refuse. */
function fieldsOf(request: FastifyRequest<Wire>): unknown {
  const fields = takesBody(request.method) ? request.body : request.query
  // A request that says nothing more needs no body.
  if (fields === undefined) return { ...request.params }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields
  return { ...fields, ...request.params }
}
