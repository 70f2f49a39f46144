// Events: one, many at once, and the list of those that came.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AttackIds } from '../ids.ts'
import { NIL_UUID } from '../ids.ts'
import type { PrefixdDesk } from './desk.ts'
import { presentEvent } from './event-answer.ts'
import { type EventBody, eventOf, eventSchema } from './event-body.ts'
import type { PrefixdMetrics } from './metrics.ts'
import { pageAsked, pageTold, readBody } from './reading.ts'
import { type Receiving, takeAndAnswer } from './receiving.ts'
import { invalid, Refusal } from './refusal.ts'
import { type DialectRoute, LIST_QUERY } from './route.ts'

const BATCH_MAX = 100
const batchSchema = z.object({ events: z.array(z.unknown()).describe('1 to 100 bodies of POST /v1/events.') })

export const eventRoutes = (
  desk: PrefixdDesk,
  ids: AttackIds,
  metrics: PrefixdMetrics,
): readonly DialectRoute[] => [
  {
    ...{ method: 'POST', path: '/v1/events', role: 'operator', reach: 'customers', success: 202 },
    summary: 'Reports an attack, or that it is over.',
    body: eventSchema,
    handle: async request => receive({ desk, ids, metrics }, readBody(request, eventSchema), request),
  },
  {
    ...{ method: 'POST', path: '/v1/events/batch', role: 'operator', reach: 'customers', success: 202 },
    summary: 'Reports up to 100 attacks; 207 when some were refused.',
    body: batchSchema,
    handle: async (request, reply) => {
      const answer = await receiveAll({ desk, ids, metrics }, readBody(request, batchSchema).events, request)
      if (answer.rejected > 0) reply.code(207)
      return answer
    },
  },
  {
    ...{ method: 'GET', path: '/v1/events', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'Events, newest first.',
    query: LIST_QUERY,
    handle: async request => {
      const { limit, offset, cursor, since, until } = pageAsked(request)
      if (limit === 0) return { events: [], ...pageTold([], undefined) }
      const filter = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
      const page = { limit, offset, ...(cursor === undefined ? {} : { cursor }) }
      const { items, next } = await desk.events.list(filter, page, request.identity)
      return { events: items.map(event => presentEvent(event, ids)), ...pageTold(items, next) }
    },
  },
]

function receive(receiving: Receiving, body: EventBody, { identity }: FastifyRequest) {
  const event = eventOf(body, name => receiving.desk.events.knowsVector(name))
  return takeAndAnswer(receiving, event, identity)
}

/** In turn, so that the second report of a host extends what the first began. */
async function receiveAll(receiving: Receiving, bodies: readonly unknown[], request: FastifyRequest) {
  if (bodies.length === 0 || bodies.length > BATCH_MAX)
    throw invalid(`a batch has 1 to ${BATCH_MAX} events, got ${bodies.length}`)
  const results: Record<string, unknown>[] = []
  let rejected = 0
  for (const [index, body] of bodies.entries()) {
    try {
      const parsed = eventSchema.safeParse(body)
      const [issue] = parsed.error?.issues ?? []
      if (!parsed.success)
        throw new Refusal(422, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it does not fit'}`)
      const { event_id, status, mitigation_id } = await receive(receiving, parsed.data, request)
      results.push({ index, event_id, status, mitigation_id })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      rejected++
      results.push({ index, event_id: NIL_UUID, status: 'rejected', error: error.message })
    }
  }
  return { accepted: bodies.length - rejected, rejected, results }
}
