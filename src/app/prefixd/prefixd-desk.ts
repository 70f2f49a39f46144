// The daemon as prefixd's API sees it.

import type { PrefixdDesk, SafelistRow } from '#compat/prefixd/api/desk.ts'
import { Refusal } from '#compat/prefixd/api/refusal.ts'
import type { SafelistRoom } from '../resources/safelist-room.ts'
import type { StateRoom } from '../state/state-room.ts'
import { callerOf, type EventRoomOptions, eventRoom } from './event-room.ts'
import { type FactRoomOptions, factRoom } from './fact-room.ts'
import { type MitigationRoomOptions, mitigationRoom } from './mitigation-room.ts'

export interface PrefixdDeskOptions
  extends Omit<EventRoomOptions, 'events' | 'state'>,
    Omit<MitigationRoomOptions, 'events' | 'state'>,
    Omit<FactRoomOptions, 'state'> {
  readonly events: EventRoomOptions['events'] & MitigationRoomOptions['events']
  readonly state: Pick<StateRoom, 'look' | 'problem' | 'onDisk' | 'listAudit'>
  readonly safelist: Pick<SafelistRoom, 'list' | 'add' | 'remove'>
}

export function prefixdDesk(options: PrefixdDeskOptions): PrefixdDesk {
  const { state, safelist } = options
  return {
    events: eventRoom(options),
    mitigations: mitigationRoom(options),
    facts: factRoom(options),
    safelist: {
      list: by => safelist.list(callerOf(by)).safelist.map(rowOf),
      add: async ({ prefix, reason = 'no reason given' }, name, by) => {
        const inNameOf = by.kind === 'user' ? undefined : name
        const added = await safelist.add({ prefix, reason }, callerOf(by), inNameOf)
        if (added.kind === 'refused') throw new Refusal(400, `invalid request: ${added.detail}`)
      },
      remove: async (prefix, by) => {
        const removed = await safelist.remove(prefix, callerOf(by))
        if (removed.kind === 'done') return 'done'
        return removed.code === 'configured-entry' ? 'configured' : 'unknown'
      },
    },
    audit: { list: asked => state.listAudit(asked) },
  }
}

function rowOf(entry: ReturnType<SafelistRoom['list']>['safelist'][number]): SafelistRow {
  const { prefix, reason, addedBy = 'config', inNameOf, addedAt, expiresAt } = entry
  const name = inNameOf ?? addedBy.replace(/^(?:user|token|certificate):/, '')
  return {
    ...{ prefix, reason, addedBy: name, addedAt: addedAt === undefined ? 0 : Date.parse(addedAt) },
    ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
  }
}
