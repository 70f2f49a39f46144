// The safelist: prefixes that nothing is done about.

import { z } from 'zod'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { PrefixdDesk } from './desk.ts'
import { holdLength, holdOperator, parameter, readBody } from './reading.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

const safelistSchema = z.object({
  operator_id: z.string(),
  prefix: z.string().describe('A prefix or an address.'),
  reason: z.string().nullish(),
})
/** As long as our own reasons may be. */
const REASON_BYTES_MAX = 1024
const REASON_CHARACTERS_MAX = 256

export const safelistRoutes = ({ safelist }: PrefixdDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/safelist', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'All entries.',
    handle: async ({ identity }) =>
      safelist.list(identity).map(({ prefix, addedAt, addedBy, reason, expiresAt }) => ({
        prefix,
        added_at: new Date(addedAt).toISOString(),
        added_by: addedBy,
        reason: reason ?? null,
        expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
      })),
  },
  {
    ...{ method: 'POST', path: '/v1/safelist', role: 'admin', reach: 'customers', success: 201 },
    summary: 'Adds an entry, or replaces the one of the same prefix.',
    body: safelistSchema,
    handle: async request => {
      const { operator_id: operator, prefix: text, reason } = readBody(request, safelistSchema)
      holdOperator(operator)
      const prefix = parsePrefix(text)
      if (prefix === undefined) throw invalid(`invalid prefix: '${text.slice(0, 100)}'`)
      if (reason) holdLength('reason', reason, REASON_BYTES_MAX)
      const why = reason ? { reason: reason.slice(0, REASON_CHARACTERS_MAX) } : {}
      await safelist.add({ prefix: formatPrefix(prefix), ...why }, operator, request.identity)
      return undefined
    },
  },
  ...['/v1/safelist/:prefix', '/v1/safelist/:prefix/:length'].map(
    (path): DialectRoute => ({
      ...{ method: 'DELETE', path, role: 'admin', reach: 'customers', success: 204 },
      summary: 'Removes an entry; the slash of a prefix may come as %2F or as it is.',
      handle: async request => {
        const [first, length] = [parameter(request, 'prefix'), parameter(request, 'length')]
        const text = length === '' ? first : `${first}/${length}`
        const removed = await safelist.remove(text, request.identity)
        if (removed === 'unknown') throw notFound(`safelist entry ${text.slice(0, 100)}`)
        if (removed === 'configured')
          throw new Refusal(409, `${text} stands in the configuration and has to be taken out there`)
        return undefined
      },
    }),
  ),
]
