// Attacks with what was done about them, open and over, newest first: from memory as they are now, from the state the rest.

import { z } from 'zod'
import type { Attack } from '#4-detection/attack.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { AttackRecord, Page, PageWanted, RecordFilter } from '#7-mitigation/attack-record.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Documents } from '#lib/documents.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { attackSchema } from '#store/attack-schema.ts'
import type { PastAttack } from '#store/change.ts'
import type { AttackBook, AttackEntry } from '../attack-book.ts'
import type { StateRoom } from '../state/state-room.ts'
import { ACKNOWLEDGED, readNote } from './acknowledgements.ts'
import {
  cutPage,
  isBehind,
  newestFirst,
  type Place,
  placeText,
  readPlace,
  type Walked,
  walk,
} from './page-walk.ts'

export interface ArchiveOptions {
  readonly book: AttackBook
  readonly store: Pick<MitigationStore, 'ofAttack'>
  readonly state: Pick<StateRoom, 'look'>
  readonly documents: Documents
  /** As it is now; `undefined`: there is none. */
  readonly inventory: () => Inventory | undefined
}

/** Rows that are asked of the state at a time, and how often at most for one page: a filter may leave out nearly all. */
const ROWS = 200
const ROUNDS_MAX = 50

export class AttackArchive {
  readonly #options: ArchiveOptions

  constructor(options: ArchiveOptions) {
    this.#options = options
  }

  async get(attackId: string): Promise<AttackRecord | undefined> {
    const { book, state } = this.#options
    const entry = book.get(attackId)
    if (entry !== undefined) return await this.#whole(this.#fromMemory(entry))
    const [past] = await state.look('past-attacks', { id: attackId, limit: 1 }).catch(() => [])
    const record = past && this.#fromState(past)
    return record && (await this.#whole(record))
  }

  /** Throws nothing: while the state cannot be asked, what memory has is all there is. */
  async list(filter: RecordFilter, wanted: PageWanted): Promise<Page<AttackRecord>> {
    const { limit, offset = 0 } = wanted
    const after = readPlace(wanted.cursor)
    const most = limit + offset + 1
    const walked = await this.#inBoth(filter, after, most)
    const { items, next } = cutPage(walked, placeOfRecord, wanted)
    return {
      items: await Promise.all(items.map(record => this.#whole(record))),
      ...(next === undefined ? {} : { next: placeText(next) }),
    }
  }

  async #inBoth(
    filter: RecordFilter,
    after: Place | undefined,
    most: number,
  ): Promise<Walked<Place, AttackRecord>> {
    const inMemory = this.#inMemory(filter, after, most)
    if (filter.states?.includes('ended') === false) return { found: inMemory, unseen: undefined }
    const { found, unseen } = await this.#inState(filter, after, most)
    // What stands behind that place comes with the next page, among those that are found there.
    const seen =
      unseen === undefined ? inMemory : inMemory.filter(each => !isBehind(placeOfRecord(each), unseen))
    return { found: [...seen, ...found].sort(inOrder), unseen }
  }

  #inMemory(filter: RecordFilter, after: Place | undefined, most: number): AttackRecord[] {
    const states = filter.states ?? ['open', 'ended']
    const which = states.length === 2 ? 'all' : (states[0] ?? 'all')
    const records: AttackRecord[] = []
    for (const entry of this.#options.book.list(which)) {
      if (records.length === most) break
      if (!isWithin(entry.attack, filter, after)) continue
      const record = this.#fromMemory(entry)
      if (fits(record, filter)) records.push(record)
    }
    return records.sort(inOrder)
  }

  #inState(
    filter: RecordFilter,
    after: Place | undefined,
    most: number,
  ): Promise<Walked<Place, AttackRecord>> {
    const { host, since, until } = filter
    const known = new Set(this.#options.book.list('all').map(({ attack }) => attack.id))
    const rowsMax = Math.max(ROWS, most)
    const asked = {
      ...(host === undefined ? {} : { host }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      limit: rowsMax,
    }
    return walk({
      ask: place =>
        this.#options.state
          .look('past-attacks', { ...asked, ...(place === undefined ? {} : { after: place }) })
          .catch(() => []),
      pick: async (row: PastAttack) => {
        const record = known.has(row.id) ? undefined : this.#fromState(row)
        const whole = record && filter.hasMitigations !== undefined ? await this.#whole(record) : record
        return whole && fits(whole, filter) ? whole : undefined
      },
      ...{ rowsMax, roundsMax: ROUNDS_MAX, most, after },
      placeOf: ({ openedAt, id }: PastAttack) => ({ at: openedAt, id }),
    })
  }

  #fromMemory({ attack, decision, proposed }: AttackEntry): AttackRecord {
    const record = this.#record(attack, decision, this.#options.store.ofAttack(attack.id))
    return proposed === undefined ? record : { ...record, proposed }
  }

  /** `undefined`: another version wrote it in words unknown here. */
  #fromState(past: PastAttack): AttackRecord | undefined {
    const read = pastSchema.safeParse(past.report)
    return read.success ? this.#record(read.data.facts, read.data.decision, []) : undefined
  }

  #record(attack: Attack, decision: string, mitigations: readonly Mitigation[]): AttackRecord {
    const prefix = parsePrefix(attack.host)
    const owner = prefix && this.#options.inventory()?.find(prefix)
    const note = readNote(this.#options.documents.all(ACKNOWLEDGED).get(attack.id))
    return {
      ...{ attack, decision, mitigations },
      ...(owner === undefined ? {} : { customer: owner.customer.id }),
      ...(owner?.service === undefined ? {} : { service: owner.service.id }),
      ...(owner?.pop === undefined ? {} : { pop: owner.pop.id }),
      ...(note === undefined ? {} : { acknowledged: note }),
    }
  }

  /** With what memory has forgotten of it. */
  async #whole(record: AttackRecord): Promise<AttackRecord> {
    if (record.attack.state === 'open' || record.mitigations.length > 0) return record
    const asked = { attackIds: [record.attack.id], limit: ROWS }
    const past = await this.#options.state.look('past-mitigations', asked).catch(() => [])
    return past.length === 0 ? record : { ...record, mitigations: past.toReversed() }
  }
}

const pastSchema = z.object({ decision: z.string().catch(''), facts: attackSchema })

const placeOfRecord = ({ attack: { openedAt, id } }: AttackRecord): Place => ({ at: openedAt, id })

const inOrder = (a: AttackRecord, b: AttackRecord): number => newestFirst(placeOfRecord(a), placeOfRecord(b))

/** What can be told before a record is made. */
function isWithin(attack: Attack, { host, since, until }: RecordFilter, after: Place | undefined): boolean {
  const { openedAt, id } = attack
  return (
    (host === undefined || attack.host === host) &&
    (since === undefined || openedAt >= since) &&
    (until === undefined || openedAt < until) &&
    isBehind({ at: openedAt, id }, after)
  )
}

function fits(record: AttackRecord, filter: RecordFilter): boolean {
  const { customers, pop, acknowledged, hasMitigations } = filter
  return (
    (customers === undefined || (record.customer !== undefined && customers.includes(record.customer))) &&
    (pop === undefined || record.pop === pop) &&
    (acknowledged === undefined || (record.acknowledged !== undefined) === acknowledged) &&
    (hasMitigations === undefined || record.mitigations.length > 0 === hasMitigations) &&
    (filter.fits === undefined || filter.fits(record))
  )
}
