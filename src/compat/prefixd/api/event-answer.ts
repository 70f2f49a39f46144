// How prefixd answers an event.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { EventOutcome, KeptEvent } from '#7-mitigation/event-outcome.ts'
import { newUuid } from '#lib/uuid.ts'
import type { AttackIds } from '../ids.ts'
import { oddTime } from './event-body.ts'
import { invalid, Refusal } from './refusal.ts'

export interface EventAnswer {
  readonly event_id: string
  readonly external_event_id: string | null
  readonly status: string
  readonly mitigation_id: string | null
  readonly timestamp_check?: 'future' | 'stale'
  /** What was decided holds, but the disk was too slow for the event: a crash right now would lose it. */
  readonly durable?: false
  /** It waits for other detectors to agree. */
  readonly signal_group_id?: string
}

export interface AnswerWords {
  readonly ids: AttackIds
  /** Status of the mitigation of an attack. */
  readonly statusOf: (attackId: string) => Promise<string>
  readonly now: number
}

/** The answer, or a refusal thrown. */
export async function answerOf(
  event: ForeignEvent,
  outcome: EventOutcome,
  { ids, statusOf, now }: AnswerWords,
): Promise<EventAnswer> {
  const odd = oddTime(event.at, now)
  const answer = (status: string, eventId: string = newUuid(), attackId?: string): EventAnswer => ({
    event_id: eventId,
    external_event_id: outcome.kind === 'no-external-id' ? null : (event.externalId ?? null),
    status,
    mitigation_id: attackId === undefined ? null : ids.tell(attackId),
    ...(odd === undefined ? {} : { timestamp_check: odd }),
    ...(outcome.notKept === undefined ? {} : { durable: false }),
  })
  switch (outcome.kind) {
    case 'accepted':
    case 'extended':
    case 'withdrawn':
      return answer(outcome.kind, outcome.eventId, outcome.attackId)
    case 'not-ours':
      return answer('accepted_no_mitigation', outcome.eventId)
    case 'waiting':
      return { ...answer('accepted_no_mitigation', outcome.eventId), signal_group_id: outcome.groupId }
    case 'corroborating-only':
      throw invalid(`source '${event.source.slice(0, 100)}' is corroborating only`)
    case 'no-playbook':
      return answer('accepted_no_playbook', outcome.eventId)
    case 'no-active':
      return answer('no_active_mitigation', outcome.eventId)
    case 'unknown-event':
      return answer('not_found')
    case 'no-external-id':
      return answer('ignored_no_event_id')
    case 'duplicate':
      throw new Refusal(409, `duplicate event from ${event.source}: ${event.externalId ?? ''}`, {
        event_id: outcome.eventId,
        mitigation_id: outcome.attackId === undefined ? null : ids.tell(outcome.attackId),
        status: outcome.attackId === undefined ? null : await statusOf(outcome.attackId),
      })
    case 'refused':
      throw guardrail(
        outcome.refusals,
        `${event.host}/${event.host.includes(':') ? 128 : 32}`,
        outcome.eventId,
      )
    case 'unavailable':
      throw unavailable(outcome.reason)
  }
}

export const unavailable = (reason: string): Refusal =>
  new Refusal(503, 'service shutting down', { detail: reason, retry_after_seconds: 1 })

type Refusals = readonly { readonly rail: string; readonly reason: string }[]

/** 422 in prefixd's words, with all our reasons beside them. */
export function guardrail(refusals: Refusals, prefix: string, eventId?: string): Refusal {
  const [first = { rail: 'policy', reason: 'policy refuses it' }] = refusals.toSorted(
    (a, b) => placeOf(a.rail) - placeOf(b.rail),
  )
  return new Refusal(422, `guardrail violation: ${wordsOf(first, prefix)}`, {
    refusals: refusals.map(({ rail, reason }) => ({ rail, reason })),
    ...(eventId === undefined ? {} : { event_id: eventId }),
  })
}

/** prefixd's order: of several the first is told. */
const ORDER = ['safelist', 'ttl', 'prefix-length', 'rule', 'quota-customer', 'quota-pop', 'quota-global']
const placeOf = (rail: string): number => (ORDER.includes(rail) ? ORDER.indexOf(rail) : ORDER.length)

function wordsOf({ rail, reason }: Refusals[number], prefix: string): string {
  if (rail === 'safelist') return `IP ${prefix} is safelisted`
  const [, seconds, least, longest] = /(\d+) s and (\d+) to (\d+) s are allowed$/.exec(reason) ?? []
  if (rail === 'ttl' && seconds !== undefined)
    return `TTL ${seconds}s out of bounds (min=${least}, max=${longest})`
  const [, length, widest] = / is a \/(\d+) and \/(\d+) is the widest/.exec(reason) ?? []
  if (rail === 'prefix-length' && length !== undefined) {
    const narrowest = prefix.includes(':') ? 128 : 32
    return `destination prefix /${length} violates length constraint (min=/${widest}, max=/${narrowest})`
  }
  const quota = /^quota-(customer|pop|global)$/.exec(rail)?.[1]
  const [, held, most] = /(\d+) [a-z ]*and (\d+) are the most$/.exec(reason) ?? []
  if (quota !== undefined && held !== undefined) return `quota exceeded: ${quota} (${held}/${most})`
  if (rail === 'rule' && held !== undefined) return `too many ports: ${held} (max=${most})`
  return reason
}

const PROTOCOL: Readonly<Record<string, number>> = {
  udp_flood: 17,
  syn_flood: 6,
  ack_flood: 6,
  icmp_flood: 1,
}

/** prefixd's event object, and what became of it. */
export function presentEvent({ id, receivedAt, event, outcome, attackId }: KeptEvent, ids: AttackIds) {
  return {
    event_id: id,
    external_event_id: event.externalId ?? null,
    source: event.source,
    event_timestamp: new Date(event.at).toISOString(),
    ingested_at: new Date(receivedAt).toISOString(),
    victim_ip: event.host,
    vector: event.vector,
    protocol: PROTOCOL[event.vector] ?? (event.vector.endsWith('-amplification') ? 17 : null),
    bps: event.bitsPerSecond ?? null,
    pps: event.packetsPerSecond ?? null,
    top_dst_ports_json: JSON.stringify(event.ports),
    confidence: event.confidence ?? null,
    action: event.action,
    raw_details: event.details ?? null,
    direction: event.direction,
    outcome,
    mitigation: attackId === undefined || attackId === '' ? null : ids.tell(attackId),
    timestamp_check: oddTime(event.at, receivedAt) ?? 'ok',
  }
}
