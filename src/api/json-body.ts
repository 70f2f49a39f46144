// Bodies of native requests: JSON whose nesting is bounded before it is parsed.

import type { FastifyInstance } from 'fastify'
import { NESTING_MAX, nestsTooDeep } from '#lib/json-nesting.ts'

/** Told to whoever sent it as a field that is wrong: the body as a whole. */
export class NestedTooDeep extends Error {
  readonly statusCode = 400
  readonly issue = { at: '', problem: `expected at most ${NESTING_MAX} levels of lists and objects` }
}

/** Takes the place of what Fastify does with JSON; the rest of it stays as it is. */
export function takeJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    if (nestsTooDeep(text)) done(new NestedTooDeep())
    else void parse(request, text, done)
  })
}
