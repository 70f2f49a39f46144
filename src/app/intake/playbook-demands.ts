// How detectors have to agree on a report, as the playbook says that would answer it.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { attackOfEvent } from '#4-detection/reported-attack.ts'
import type { Demands } from '#6-policy/signal-groups.ts'
import type { ActionDesk } from '../action-desk.ts'

/** What it is decided by is made for the question alone: nothing opens, and nothing is kept. */
export function playbookDemands(
  event: ForeignEvent,
  desk: Pick<ActionDesk, 'decide' | 'decisionContext'>,
  openedAt: number,
): Demands | undefined {
  const { playbooks = [] } = desk.decisionContext
  if (!playbooks.some(({ agreement }) => agreement !== undefined)) return undefined
  const attack = attackOfEvent(event, { eventId: '' }, { id: '', openedAt, maximumSeconds: 0 })
  const { playbook } = desk.decide(attack)
  return playbooks.find(({ name }) => name === playbook)?.agreement
}
