// Reports as they are in the state: found page by page, of those that somebody may see, and read back.

import { z } from 'zod'
import type { Page, PageWanted } from '#7-mitigation/attack-record.ts'
import type { KeptEvent } from '#7-mitigation/event-outcome.ts'
import { EVENT_OUTCOMES } from '#api/contract/events.ts'
import type { EventPage, ReceivedEvent } from '#store/change.ts'
import type { StateRoom } from '../state/state-room.ts'
import { cutPage, walk } from './page-walk.ts'

export type NumberedEvent = ReceivedEvent & { readonly number: number }

/** Rows asked of the state at a time, and how often at most: others may have reported nearly all. */
const ROWS = 500
const ROUNDS_MAX = 40

/** A page of those that fit and are seen, newest first; cursors are numbers. Rejects when the state cannot be asked. */
export async function pageOfEvents(
  state: Pick<StateRoom, 'look'>,
  filter: Omit<EventPage, 'limit' | 'before'>,
  wanted: PageWanted,
  sees: ((host: string) => boolean) | undefined,
): Promise<Page<NumberedEvent>> {
  const most = wanted.limit + (wanted.offset ?? 0) + 1
  const rowsMax = sees === undefined ? most : Math.max(ROWS, most)
  const walked = await walk({
    ask: before =>
      state.look('events', { ...filter, limit: rowsMax, ...(before === undefined ? {} : { before }) }),
    pick: (row: NumberedEvent) => ((sees?.(row.host) ?? true) ? row : undefined),
    ...{ rowsMax, roundsMax: ROUNDS_MAX, placeOf: numberOf, most },
    after: /^\d{1,15}$/.test(wanted.cursor ?? '') ? Number(wanted.cursor) : undefined,
  })
  const { items, next } = cutPage(walked, numberOf, wanted)
  return { items, ...(next === undefined ? {} : { next: String(next) }) }
}

const numberOf = ({ number }: NumberedEvent): number => number

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
  isDryRun: z.literal(true).optional().catch(undefined),
})
const outcomeSchema = z.enum(EVENT_OUTCOMES)

/** `undefined`: another version kept it in words unknown here. */
export function keptOf(row: ReceivedEvent): KeptEvent | undefined {
  const report = reportSchema.safeParse(row.report)
  const outcome = outcomeSchema.safeParse(row.outcome)
  if (!report.success || !outcome.success) return undefined
  const { bitsPerSecond, packetsPerSecond, confidence, details, isDryRun, ...rest } = report.data
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
    ...(isDryRun === undefined ? {} : { isDryRun }),
  }
}
