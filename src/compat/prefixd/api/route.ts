// A route of prefixd's API: where it is, who may ask, what it takes, and the function that answers.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { AccessRule } from '#api/contract/access.ts'
import type { FeedSocket } from './feed.ts'

export interface DialectRoute extends AccessRule {
  readonly summary: string
  /** Status of success. */
  readonly success: number
  /** Schema of the JSON body; missing: it takes none. */
  readonly body?: z.ZodType
  /** Names of query parameters with what they mean. */
  readonly query?: Readonly<Record<string, string>>
  /** Gives the JSON of the answer, `undefined` for an empty one, or sends it itself. Refusals are thrown. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** Of a route that is a WebSocket. */
  readonly socket?: (socket: FeedSocket, request: FastifyRequest) => void
}

export const LIST_QUERY = {
  limit: 'At most so many, 100 if not said, 1000 at most.',
  offset: 'So many are left out first.',
  cursor: 'next_cursor of the page before.',
  start: 'Only from this time on (RFC 3339).',
  end: 'Only before this time.',
} as const
