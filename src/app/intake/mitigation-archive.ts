// Mitigations that are over, newest first, from the state; while it cannot be asked, none.

import type { Page, PageWanted } from '#7-mitigation/attack-record.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { StateRoom } from '../state/state-room.ts'
import { cutPage, type Place, placeText, readPlace, walk } from './page-walk.ts'

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

  /** Cursors are places, as those of a list that has live ones in it too. */
  async past(filter: PastFilter, wanted: PageWanted): Promise<Page<Mitigation>> {
    const { fits = () => true, ...asked } = filter
    const most = wanted.limit + (wanted.offset ?? 0) + 1
    const rowsMax = Math.max(ROWS, most)
    const walked = await walk({
      ask: after =>
        this.#state
          .look('past-mitigations', { ...asked, limit: rowsMax, ...(after === undefined ? {} : { after }) })
          .catch(() => []),
      pick: (row: Mitigation) => (fits(row) ? row : undefined),
      ...{ rowsMax, roundsMax: ROUNDS_MAX, placeOf: placeOfMitigation, most },
      after: readPlace(wanted.cursor),
    })
    const { items, next } = cutPage(walked, placeOfMitigation, wanted)
    return { items, ...(next === undefined ? {} : { next: placeText(next) }) }
  }
}

/** Where it stands in a list that has the newest first. */
export const placeOfMitigation = ({ createdAt, id }: Mitigation): Place => ({ at: Math.floor(createdAt), id })
