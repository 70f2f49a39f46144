// Attacks as the API sees them: open ones and those that are over, from memory and from the state, newest first.

import type { AttackRecord, RecordFilter } from '#7-mitigation/attack-record.ts'
import type { Attack, AttackReport, Attacks, AttacksQuery } from '#api/contract/attack.ts'
import type { Caller } from '#api/control.ts'
import { presentAttack } from '#api/present-attack.ts'
import type { AttackDesk as Desk } from '#api/resources.ts'
import type { AttackBook } from '../attack-book.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { StateRoom } from '../state/state-room.ts'
import { presentNote } from './present-mitigation.ts'
import { isConfined, type Reach } from './reach.ts'

export interface AttackDeskOptions {
  readonly book: AttackBook
  readonly archive: IntakeRoom['archive']
  readonly state: Pick<StateRoom, 'look'>
  readonly reach: Reach
  /** The report of an attack that is in memory. */
  readonly report: (id: string) => AttackReport | undefined
}

export class AttackDesk implements Desk {
  readonly #options: AttackDeskOptions

  constructor(options: AttackDeskOptions) {
    this.#options = options
  }

  async list(query: AttacksQuery, by: Caller): Promise<Attacks> {
    const { archive, book } = this.#options
    const { limit, cursor, state } = query
    const filter = this.#filterOf(query, by)
    const page = await archive.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
    const counted = book.list(state).filter(({ attack }) => isLike(attack, filter, query))
    return {
      attacks: page.items.map(attackView),
      total: isConfined(by)
        ? counted.filter(({ attack }) => this.#options.reach.seesAll(by, attack.prefixes)).length
        : counted.length,
      ...(page.next === undefined ? {} : { nextCursor: page.next }),
    }
  }

  #filterOf(query: AttacksQuery, by: Caller): RecordFilter {
    const { state, host, customer, hostgroup, direction, since, until } = query
    const { reach } = this.#options
    return {
      ...(state === 'all' ? {} : { states: [state] }),
      ...(host === undefined ? {} : { host }),
      ...(customer === undefined ? {} : { customers: [customer] }),
      ...(since === undefined ? {} : { since: Date.parse(since) }),
      ...(until === undefined ? {} : { until: Date.parse(until) }),
      fits: ({ attack }) =>
        (hostgroup === undefined || attack.hostgroup === hostgroup) &&
        (direction === undefined || attack.direction === direction) &&
        reach.seesAll(by, attack.prefixes),
    }
  }

  async report(id: string, by: Caller): Promise<AttackReport | undefined> {
    const { archive, report, reach, state } = this.#options
    const record = await archive.get(id)
    if (record === undefined || !reach.seesAll(by, record.attack.prefixes)) return undefined
    const known = report(id)
    if (known !== undefined) return known
    const [past] = await state.look('past-attacks', { id, limit: 1 }).catch(() => [])
    return past && reportOnly(past.report)
  }
}

/** As it was when the attack ended, without what is kept beside it for programs. */
function reportOnly(kept: unknown): AttackReport | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const beside = { facts: undefined, course: undefined, tallies: undefined }
  const { facts: _facts, course: _course, tallies: _tallies, ...report } = { ...beside, ...kept }
  return report
}

function isLike(
  attack: AttackRecord['attack'],
  { since = 0, until = Number.POSITIVE_INFINITY, host }: RecordFilter,
  { hostgroup, direction }: AttacksQuery,
): boolean {
  return (
    (host === undefined || attack.host === host) &&
    (hostgroup === undefined || attack.hostgroup === hostgroup) &&
    (direction === undefined || attack.direction === direction) &&
    attack.openedAt >= since &&
    attack.openedAt < until
  )
}

/** An attack with whose it is, and who has seen it. */
export function attackView(record: AttackRecord): Attack {
  const { attack, decision, mitigations, proposed, customer, service, pop, acknowledged } = record
  return {
    ...presentAttack(attack, decision, mitigations, proposed),
    ...(customer === undefined ? {} : { customer }),
    ...(service === undefined ? {} : { service }),
    ...(pop === undefined ? {} : { pop }),
    ...(acknowledged === undefined ? {} : { acknowledged: presentNote(acknowledged) }),
  }
}
