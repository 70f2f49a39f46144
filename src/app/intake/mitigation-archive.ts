// Mitigations that are over, newest first, from the state; while it cannot be asked, none.

import type { Page, PageWanted } from '#7-mitigation/attack-record.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { StateRoom } from '../state/state-room.ts'

/** Which of them; what is missing does not matter. */
export interface PastFilter {
  /** Begun from this moment on, and before that one (wall clock ms). */
  readonly since?: number
  readonly until?: number
  readonly attackIds?: readonly string[]
  /** A further condition, asked of each that fits otherwise. */
  readonly fits?: (mitigation: Mitigation) => boolean
}

/** Rows that are asked of the state at a time, and how often at most for one page. */
const ROWS = 500
const ROUNDS_MAX = 40

export class MitigationArchive {
  readonly #state: Pick<StateRoom, 'look'>

  constructor(state: Pick<StateRoom, 'look'>) {
    this.#state = state
  }

  async get(id: string): Promise<Mitigation | undefined> {
    const [found] = await this.#state.look('past-mitigations', { id, limit: 1 }).catch(() => [])
    return found
  }

  /** Cursors are `<created, ms>.<id>`, as those of a list that has live ones in it too. */
  async past(filter: PastFilter, { limit, cursor, offset = 0 }: PageWanted): Promise<Page<Mitigation>> {
    const { fits, ...asked } = filter
    const most = limit + offset + 1
    const found: Mitigation[] = []
    let place = readPlace(cursor)
    let isAll = false
    for (let round = 0; round < ROUNDS_MAX && found.length < most && !isAll; round++) {
      const page = { ...asked, limit: Math.max(ROWS, most), ...(place === undefined ? {} : { after: place }) }
      const rows = await this.#state.look('past-mitigations', page).catch(() => [])
      for (const row of rows) if (fits === undefined || fits(row)) found.push(row)
      const last = rows.at(-1)
      isAll = last === undefined || rows.length < page.limit
      if (last !== undefined) place = { at: Math.floor(last.createdAt), id: last.id }
    }
    const items = found.slice(offset, offset + limit)
    const last = items.at(-1)
    if (last !== undefined && found.length > offset + limit) return { items, next: placeText(last) }
    // So few fit that the rounds were over first: what was not looked at comes with the next page.
    return isAll || place === undefined ? { items } : { items, next: `${place.at}.${place.id}` }
  }
}

/** Where a mitigation stands in a list that has the newest first. */
export const placeText = ({ createdAt, id }: Mitigation): string => `${Math.floor(createdAt)}.${id}`

/** A place in such a list. */
export interface Place {
  readonly at: number
  readonly id: string
}

export function readPlace(cursor: string | undefined): Place | undefined {
  const [, at, id] = /^(\d{1,16})\.([0-9a-z.-]{1,64})$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: Number(at), id }
}
