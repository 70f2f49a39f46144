// Reports as prefixd's API takes and lists them, over the desk of all reports.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { isKnownVector } from '#4-detection/reported-attack.ts'
import type { Page, PageWanted } from '#7-mitigation/attack-record.ts'
import type { EventOutcome, KeptEvent } from '#7-mitigation/event-outcome.ts'
import type { Identity } from '#api/contract/access.ts'
import { EVENT_OUTCOMES } from '#api/contract/events.ts'
import type { Caller } from '#api/control.ts'
import type { EventFilter, EventRoom } from '#compat/prefixd/api/desk.ts'
import { newUuid } from '#lib/uuid.ts'
import type { ReceivedEvent } from '#store/change.ts'
import type { EventDesk } from '../intake/event-desk.ts'
import type { Reach } from '../resources/reach.ts'
import type { StateRoom } from '../state/state-room.ts'

export interface EventRoomOptions {
  readonly events: Pick<EventDesk, 'receive'>
  readonly state: Pick<StateRoom, 'look'>
  readonly reach: Reach
  /** Names of the configuration. */
  readonly isConfiguredVector: (name: string) => boolean
}

export const callerOf = (identity: Identity): Caller => ({ uid: undefined, pid: undefined, identity })

/** Rows asked of the state at a time, and how often at most: others may have reported nearly all. */
const ROWS = 500
const ROUNDS_MAX = 40

export function eventRoom({ events, state, reach, isConfiguredVector }: EventRoomOptions): EventRoom {
  return {
    knowsVector: name => isKnownVector(name) || isConfiguredVector(name),
    receive: async (event, by) => {
      const caller = callerOf(by)
      // What is somebody else's is answered like what is nobody's.
      if (!reach.sees(caller, event.host)) return hiddenOf(event)
      if (event.action === 'unban' && !(await mayEnd(event, caller))) return { kind: 'unknown-event' }
      return await events.receive(event)
    },
    list: async (filter, page, by) => await list(filter, page, callerOf(by)),
  }

  /** An unban names a report, whose host need not be the one it says. */
  async function mayEnd({ source, externalId }: ForeignEvent, by: Caller): Promise<boolean> {
    if (by.identity?.customers === undefined || externalId === undefined) return true
    const rows = await state.look('events', { source, externalId, limit: 1 }).catch(() => [])
    return rows.every(({ host }) => reach.sees(by, host))
  }

  async function list(filter: EventFilter, page: PageWanted, by: Caller): Promise<Page<KeptEvent>> {
    const { limit, offset = 0, cursor } = page
    const wanted = offset + limit + 1
    const found: (ReceivedEvent & { readonly number: number })[] = []
    let before = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined
    for (let round = 0; round < ROUNDS_MAX && found.length < wanted; round++) {
      const rows = await state.look('events', {
        ...{ ...filter, limit: Math.max(ROWS, wanted) },
        ...(before === undefined ? {} : { before }),
      })
      found.push(...rows.filter(({ host }) => reach.sees(by, host)))
      if (rows.length < Math.max(ROWS, wanted)) break
      before = rows.at(-1)?.number
    }
    const shown = found.slice(offset, offset + limit)
    const last = shown.at(-1)
    const hasMore = last !== undefined && found.length > offset + limit
    return {
      items: shown.flatMap(row => keptOf(row) ?? []),
      ...(hasMore ? { next: String(last.number) } : {}),
    }
  }
}

const hiddenOf = ({ action }: ForeignEvent): EventOutcome =>
  action === 'unban' ? { kind: 'unknown-event' } : { kind: 'not-ours', eventId: newUuid() }

/** What a report must have to be shown; versions before may have kept others. */
const reportSchema = z.object({
  at: z.number(),
  action: z.enum(['ban', 'unban']),
  direction: z.enum(['incoming', 'outgoing']),
  vector: z.string(),
  bitsPerSecond: z.number().optional(),
  packetsPerSecond: z.number().optional(),
  ports: z.array(z.number()).catch([]),
  confidence: z.number().optional(),
  details: z.unknown().optional(),
})
const outcomeSchema = z.enum(EVENT_OUTCOMES)

function keptOf(row: ReceivedEvent): KeptEvent | undefined {
  const report = reportSchema.safeParse(row.report)
  const outcome = outcomeSchema.safeParse(row.outcome)
  if (!report.success || !outcome.success) return undefined
  const { bitsPerSecond, packetsPerSecond, confidence, ...rest } = report.data
  const { id, receivedAt, source, host, externalId, attackId } = row
  return {
    ...{ id, receivedAt, outcome: outcome.data },
    event: {
      ...{ ...rest, source, host },
      ...(externalId === '' ? {} : { externalId }),
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
      ...(confidence === undefined ? {} : { confidence }),
    },
    ...(attackId === '' ? {} : { attackId }),
  }
}
