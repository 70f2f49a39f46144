// Attacks with what is done about them, as prefixd's API shows, orders and ends them.

import type { AttackRecord, RecordFilter } from '#7-mitigation/attack-record.ts'
import type { Identity } from '#api/contract/access.ts'
import type { Caller } from '#api/control.ts'
import type { MitigationRoom } from '#compat/prefixd/api/desk.ts'
import { actorOf } from '../actor.ts'
import type { AttackArchive } from '../intake/attack-archive.ts'
import type { EventDesk } from '../intake/event-desk.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { Reach } from '../resources/reach.ts'
import type { StateRoom } from '../state/state-room.ts'
import { callerOf } from './event-room.ts'

export interface MitigationRoomOptions {
  readonly events: Pick<EventDesk, 'order'>
  readonly archive: Pick<AttackArchive, 'get' | 'list'>
  readonly acknowledge: IntakeRoom['acknowledge']
  readonly state: Pick<StateRoom, 'onDisk'>
  readonly reach: Reach
  /** Ends an open attack, whoever opened it. */
  readonly endAttack: (
    attackId: string,
    by: Caller,
    because: string,
  ) => Promise<{ readonly kind: 'done' | 'refused' }>
}

export function mitigationRoom(options: MitigationRoomOptions): MitigationRoom {
  const { events, archive, acknowledge, state, reach, endAttack } = options
  const isSeen = ({ attack }: AttackRecord, by: Identity) => reach.seesAll(callerOf(by), attack.prefixes)
  return {
    list: async (filter, page, by) => await archive.list(confined(filter, by, isSeen), page),
    get: async (attackId, by) => {
      const record = await archive.get(attackId)
      return record !== undefined && isSeen(record, by) ? record : undefined
    },
    find: async (fits, by) => {
      const wanted: RecordFilter = { fits: ({ attack }) => fits(attack.id) }
      const { items } = await archive.list(wanted, { limit: 1 })
      const [record] = items
      return record !== undefined && isSeen(record, by) ? record : undefined
    },
    order: async (order, by) => {
      if (!reach.sees(callerOf(by), order.target)) return NOT_THEIRS
      const ordered = events.order(order, actorOf(callerOf(by)))
      if (ordered.kind === 'refused' || ordered.kind === 'unavailable') return ordered
      await state.onDisk()
      return { kind: 'done', attackId: ordered.attackId }
    },
    withdraw: async (attackId, because, by) => {
      const { kind } = await endAttack(attackId, callerOf(by), because)
      await state.onDisk()
      return kind === 'done'
    },
    acknowledge: async (attackId, name, by) => {
      const before = await archive.get(attackId)
      if (before?.acknowledged !== undefined) return false
      return (await acknowledge(attackId, actorOf(callerOf(by)), name)) !== undefined
    },
  }
}

const NOT_THEIRS = {
  kind: 'refused',
  refusals: [{ rail: 'outside-networks', reason: 'the address is none of yours' }],
} as const

/** Whoever is confined sees of his customers those that are asked for, and of his networks what lies within. */
function confined(
  filter: RecordFilter,
  by: Identity,
  isSeen: (record: AttackRecord, by: Identity) => boolean,
): RecordFilter {
  const { customers: own, networks } = by
  const { fits = () => true } = filter
  const within =
    networks === undefined
      ? filter
      : { ...filter, fits: (record: AttackRecord) => fits(record) && isSeen(record, by) }
  if (own === undefined) return within
  const customers = filter.customers === undefined ? own : own.filter(id => filter.customers?.includes(id))
  return { ...within, customers }
}
