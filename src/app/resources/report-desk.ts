// Reports of foreign detectors as the native API takes and lists them.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { isKnownVector } from '#4-detection/reported-attack.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { EventAnswer, EventRequest, EventsQuery, EventView } from '#api/contract/events.ts'
import type { Caller } from '#api/control.ts'
import type { ReportDesk as Desk } from '#api/resources.ts'
import { unreachable } from '#lib/unreachable.ts'
import type { EventPage, ReceivedEvent } from '#store/change.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import { keptOf, pageOfEvents } from '../intake/kept-events.ts'
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

export class ReportDesk implements Desk {
  readonly #options: ReportDeskOptions

  constructor(options: ReportDeskOptions) {
    this.#options = options
  }

  async list(query: EventsQuery, by: Caller) {
    const { limit, cursor } = query
    const wanted = { limit, ...(cursor === undefined ? {} : { cursor }) }
    try {
      const { state, reach } = this.#options
      const sees = isConfined(by) ? (host: string) => reach.sees(by, host) : undefined
      const { items, next } = await pageOfEvents(state, pageOf(query), wanted, sees)
      const more = next === undefined ? {} : { nextCursor: next }
      return { kind: 'done', value: { events: items.flatMap(row => eventView(row) ?? []), ...more } } as const
    } catch (error) {
      return unavailable(error)
    }
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
    const outcome = await events.receive(eventOf(request, now()), known => reach.sees(by, known))
    if (outcome.kind === 'unavailable')
      return { kind: 'refused', code: 'not-ready', detail: outcome.reason } as const
    const answer = answerOf(outcome)
    if (outcome.notKept === undefined) return { kind: 'done', value: answer } as const
    return { kind: 'done', value: { ...answer, isKept: false } } as const
  }
}

const unavailable = (error: unknown) =>
  ({
    kind: 'refused',
    code: 'state-unavailable',
    detail: error instanceof Error ? error.message : String(error),
  }) as const

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
    case 'extended': {
      const { eventId, attackId, isDryRun } = outcome
      return { outcome: kind, eventId, attackId, isDryRun }
    }
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

function eventView(row: ReceivedEvent): EventView | undefined {
  const kept = keptOf(row)
  if (kept === undefined) return undefined
  const { id, outcome, receivedAt, attackId, isDryRun } = kept
  const { at, means: _means, ports, details, ...event } = kept.event
  return {
    ...{ id, outcome, receivedAt: new Date(receivedAt).toISOString() },
    ...(attackId === undefined ? {} : { attackId }),
    ...(isDryRun === undefined ? {} : { isDryRun }),
    ...event,
    ports: [...ports],
    ...(at === 0 ? {} : { at: new Date(at).toISOString() }),
    ...(details === undefined ? {} : { details: jsonSchema.parse(details) }),
  }
}

const jsonSchema = z.json()
