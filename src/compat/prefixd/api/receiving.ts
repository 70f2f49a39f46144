// Taking a report, whatever it came as: counted, and answered as prefixd answers an event.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { Identity } from '#api/contract/access.ts'
import type { AttackIds } from '../ids.ts'
import type { PrefixdDesk } from './desk.ts'
import { answerOf, type EventAnswer } from './event-answer.ts'
import type { PrefixdMetrics } from './metrics.ts'
import { statusOf } from './record-facts.ts'

export interface Receiving {
  readonly desk: Pick<PrefixdDesk, 'events' | 'mitigations' | 'facts'>
  readonly ids: AttackIds
  readonly metrics: Pick<PrefixdMetrics, 'event'>
}

export async function take(
  { desk, metrics }: Receiving,
  event: ForeignEvent,
  by: Identity,
): Promise<EventOutcome> {
  const outcome = await desk.events.receive(event, by)
  metrics.event(event, outcome)
  return outcome
}

/** The answer, or a refusal thrown. */
export async function takeAndAnswer(
  receiving: Receiving,
  event: ForeignEvent,
  by: Identity,
): Promise<EventAnswer> {
  const { desk, ids } = receiving
  const outcome = await take(receiving, event, by)
  const statusNow = async (attackId: string) => {
    const record = await desk.mitigations.get(attackId, by)
    return record === undefined ? 'active' : statusOf(record)
  }
  return await answerOf(event, outcome, { ids, statusOf: statusNow, now: desk.facts.now() })
}
