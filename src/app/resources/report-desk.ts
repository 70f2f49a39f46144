// Reports of foreign detectors as the native API takes and lists them.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { isKnownVector } from '#4-detection/reported-attack.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import {
  EVENT_OUTCOMES,
  type EventAnswer,
  type EventRequest,
  type EventsQuery,
  type EventView,
} from '#api/contract/events.ts'
import type { Caller } from '#api/control.ts'
import type { ReportDesk as Desk } from '#api/resources.ts'
import { unreachable } from '#lib/unreachable.ts'
import type { EventPage, ReceivedEvent } from '#store/change.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { StateRoom } from '../state/state-room.ts'
import { isConfined, type Reach } from './reach.ts'

export interface ReportDeskOptions {
  readonly events: Pick<IntakeRoom['events'], 'receive'>
  readonly state: Pick<StateRoom, 'look'>
  readonly reach: Reach
  /** Names of vectors beyond ours. */
  readonly isConfiguredVector?: (name: string) => boolean
  readonly now: () => number
}

/** Rows that are asked of the state at a time, and how often at most for one page: others may have reported nearly all. */
const ROWS = 500
const ROUNDS_MAX = 40

export class ReportDesk implements Desk {
  readonly #options: ReportDeskOptions

  constructor(options: ReportDeskOptions) {
    this.#options = options
  }

  async list(query: EventsQuery, by: Caller) {
    const { limit, cursor } = query
    try {
      const found = await this.#find(pageOf(query), by, limit + 1, numberOf(cursor))
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      const more = last !== undefined && found.length > limit ? { nextCursor: String(last.number) } : {}
      return { kind: 'done', value: { events: shown.flatMap(row => eventView(row) ?? []), ...more } } as const
    } catch (error) {
      return unavailable(error)
    }
  }

  async #find(page: Omit<EventPage, 'limit'>, by: Caller, most: number, before: number | undefined) {
    const { state, reach } = this.#options
    const found: (ReceivedEvent & { readonly number: number })[] = []
    let from = before
    for (let round = 0; round < ROUNDS_MAX && found.length < most; round++) {
      const limit = isConfined(by) ? Math.max(ROWS, most) : most
      const rows = await state.look('events', {
        ...{ ...page, limit },
        ...(from === undefined ? {} : { before: from }),
      })
      for (const row of rows) if (reach.sees(by, row.host)) found.push(row)
      if (rows.length < limit) break
      from = rows.at(-1)?.number
    }
    return found
  }

  async get(id: string, by: Caller) {
    const { state, reach } = this.#options
    try {
      const [row] = await state.look('events', { id, limit: 1 })
      const view = row !== undefined && reach.sees(by, row.host) ? eventView(row) : undefined
      if (view === undefined)
        return { kind: 'refused', code: 'unknown-event', detail: `there is none of the id ${id}` } as const
      return { kind: 'done', value: view } as const
    } catch (error) {
      return unavailable(error)
    }
  }

  async receive(request: EventRequest, by: Caller) {
    const { events, reach, isConfiguredVector = () => false, now } = this.#options
    const { vector, host } = request
    if (!isKnownVector(vector) && !isConfiguredVector(vector))
      return { kind: 'refused', code: 'unknown-vector', detail: vector } as const
    // Whoever is confined is answered alike for what is nobody's and for what is somebody else's.
    if (!reach.sees(by, host)) return { kind: 'done', value: { outcome: 'not-ours' } } as const
    const outcome = await events.receive(eventOf(request, now()))
    if (outcome.kind === 'unavailable')
      return { kind: 'refused', code: 'not-ready', detail: outcome.reason } as const
    return { kind: 'done', value: answerOf(outcome) } as const
  }
}

const unavailable = (error: unknown) =>
  ({
    kind: 'refused',
    code: 'state-unavailable',
    detail: error instanceof Error ? error.message : String(error),
  }) as const

const numberOf = (cursor: string | undefined): number | undefined =>
  cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined

function pageOf({ source, target, outcome, attack, since, until }: EventsQuery): Omit<EventPage, 'limit'> {
  return {
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { host: target }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(attack === undefined ? {} : { attackId: attack }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  }
}

function eventOf(request: EventRequest, now: number): ForeignEvent {
  const { source, externalId, at, action, host, direction, vector, ports, confidence, details } = request
  const { bitsPerSecond, packetsPerSecond } = request
  return {
    ...{ source, action, host, direction, vector, ports, at: at === undefined ? now : Date.parse(at) },
    ...(externalId === undefined ? {} : { externalId }),
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(details === undefined ? {} : { details }),
  }
}

function answerOf(outcome: Exclude<EventOutcome, { kind: 'unavailable' }>): EventAnswer {
  const { kind } = outcome
  switch (kind) {
    case 'accepted':
    case 'extended':
    case 'withdrawn':
      return { outcome: kind, eventId: outcome.eventId, attackId: outcome.attackId }
    case 'duplicate': {
      const { eventId, attackId } = outcome
      return { outcome: kind, eventId, ...(attackId === undefined ? {} : { attackId }) }
    }
    case 'not-ours':
    case 'no-active':
      return { outcome: kind, eventId: outcome.eventId }
    case 'no-playbook':
      return { outcome: kind, eventId: outcome.eventId, reason: outcome.reason }
    case 'refused': {
      const refusals = outcome.refusals.map(({ rail, reason }) => ({ rail, reason }))
      return { outcome: kind, eventId: outcome.eventId, refusals }
    }
    case 'waiting': {
      const reason = 'it waits for other detectors to agree'
      return { outcome: kind, eventId: outcome.eventId, reason }
    }
    case 'corroborating-only':
      return { outcome: kind, reason: 'its source may only corroborate what others report' }
    case 'unknown-event':
    case 'no-external-id':
      return { outcome: kind }
    default:
      return unreachable(kind)
  }
}

/** What a report must have to be shown; versions before may have kept others. */
const reportSchema = z.object({
  at: z.number().optional(),
  action: z.enum(['ban', 'unban']),
  direction: z.enum(['incoming', 'outgoing']),
  vector: z.string(),
  bitsPerSecond: z.number().optional(),
  packetsPerSecond: z.number().optional(),
  ports: z.array(z.number()).catch([]),
  confidence: z.number().optional(),
  details: z.json().optional(),
})
const outcomeSchema = z.enum(EVENT_OUTCOMES)

function eventView(row: ReceivedEvent): EventView | undefined {
  const read = reportSchema.safeParse(row.report)
  const outcome = outcomeSchema.safeParse(row.outcome)
  if (!read.success || !outcome.success) return undefined
  const { at, ...report } = read.data
  const { id, source, externalId, host, attackId } = row
  return {
    ...{ id, source, host, outcome: outcome.data, receivedAt: new Date(row.receivedAt).toISOString() },
    ...(externalId === '' ? {} : { externalId }),
    ...(attackId === '' ? {} : { attackId }),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    ...withoutMissing(report),
  }
}

/** `undefined` is no JSON. */
function withoutMissing(report: Omit<z.infer<typeof reportSchema>, 'at'>) {
  const { bitsPerSecond, packetsPerSecond, confidence, details, ...rest } = report
  return {
    ...rest,
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(details === undefined ? {} : { details }),
  }
}
