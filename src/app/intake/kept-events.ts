// Reports as they are in the state: found page by page, of those that somebody may see, and read back.

import { z } from 'zod'
import type { KeptEvent } from '#7-mitigation/event-outcome.ts'
import { EVENT_OUTCOMES } from '#api/contract/events.ts'
import type { EventPage, ReceivedEvent } from '#store/change.ts'
import type { StateRoom } from '../state/state-room.ts'

export type NumberedEvent = ReceivedEvent & { readonly number: number }

/** Rows asked of the state at a time, and how often at most: others may have reported nearly all. */
const ROWS = 500
const ROUNDS_MAX = 40

/** At most `most` that fit and are seen, newest first. Rejects when the state cannot be asked. */
export async function findEvents(
  state: Pick<StateRoom, 'look'>,
  filter: Omit<EventPage, 'limit' | 'before'>,
  wanted: { readonly most: number; readonly cursor: string | undefined },
  sees: ((host: string) => boolean) | undefined,
): Promise<NumberedEvent[]> {
  const { most, cursor } = wanted
  const limit = sees === undefined ? most : Math.max(ROWS, most)
  const found: NumberedEvent[] = []
  let before = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined
  for (let round = 0; round < ROUNDS_MAX && found.length < most; round++) {
    const from = before === undefined ? {} : { before }
    const rows = await state.look('events', { ...filter, limit, ...from })
    for (const row of rows) if (sees?.(row.host) ?? true) found.push(row)
    if (rows.length < limit) break
    before = rows.at(-1)?.number
  }
  return found
}

/** What a report must have to be shown; versions before may have kept others. */
const reportSchema = z.object({
  at: z.number().catch(0),
  action: z.enum(['ban', 'unban']),
  direction: z.enum(['incoming', 'outgoing']),
  vector: z.string(),
  bitsPerSecond: z.number().optional(),
  packetsPerSecond: z.number().optional(),
  ports: z.array(z.number()).catch([]),
  confidence: z.number().optional(),
  details: z.json().optional().catch(undefined),
})
const outcomeSchema = z.enum(EVENT_OUTCOMES)

/** `undefined`: another version kept it in words unknown here. */
export function keptOf(row: ReceivedEvent): KeptEvent | undefined {
  const report = reportSchema.safeParse(row.report)
  const outcome = outcomeSchema.safeParse(row.outcome)
  if (!report.success || !outcome.success) return undefined
  const { bitsPerSecond, packetsPerSecond, confidence, details, ...rest } = report.data
  const { id, receivedAt, source, host, externalId, attackId } = row
  return {
    ...{ id, receivedAt, outcome: outcome.data },
    event: {
      ...{ ...rest, source, host },
      ...(externalId === '' ? {} : { externalId }),
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
      ...(confidence === undefined ? {} : { confidence }),
      ...(details === undefined ? {} : { details }),
    },
    ...(attackId === '' ? {} : { attackId }),
  }
}
