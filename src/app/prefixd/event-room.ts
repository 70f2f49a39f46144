// Reports as prefixd's API takes and lists them, over the desk of all reports.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { isKnownVector } from '#4-detection/reported-attack.ts'
import type { Page, PageWanted } from '#7-mitigation/attack-record.ts'
import type { EventOutcome, KeptEvent } from '#7-mitigation/event-outcome.ts'
import type { Identity } from '#api/contract/access.ts'
import type { Caller } from '#api/control.ts'
import type { EventFilter, EventRoom } from '#compat/prefixd/api/desk.ts'
import { newUuid } from '#lib/uuid.ts'
import type { EventDesk } from '../intake/event-desk.ts'
import { keptOf, pageOfEvents } from '../intake/kept-events.ts'
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

export function eventRoom({ events, state, reach, isConfiguredVector }: EventRoomOptions): EventRoom {
  return {
    knowsVector: name => isKnownVector(name) || isConfiguredVector(name),
    receive: async (event, by) => {
      const caller = callerOf(by)
      // What is somebody else's is answered like what is nobody's.
      if (!reach.sees(caller, event.host)) return hiddenOf(event)
      return await events.receive(event, host => reach.sees(caller, host))
    },
    list: async (filter, page, by) => await list(filter, page, callerOf(by)),
  }

  async function list(filter: EventFilter, page: PageWanted, by: Caller): Promise<Page<KeptEvent>> {
    const { items, next } = await pageOfEvents(state, filter, page, host => reach.sees(by, host))
    return { items: items.flatMap(row => keptOf(row) ?? []), ...(next === undefined ? {} : { next }) }
  }
}

const hiddenOf = ({ action }: ForeignEvent): EventOutcome =>
  action === 'unban' ? { kind: 'unknown-event' } : { kind: 'not-ours', eventId: newUuid() }
