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
    const after = readCursor(wanted.cursor)
    const most = limit + offset + 1
    const records = this.#inMemory(filter, after, most)
    const states = filter.states ?? ['open', 'ended']
    if (states.includes('ended')) {
      const known = new Set(this.#options.book.list('all').map(({ attack }) => attack.id))
      records.push(...(await this.#inState(filter, after, most, known)))
      records.sort(newestFirst)
    }
    const page = records.slice(offset, offset + limit)
    const last = page.at(-1)
    const items = await Promise.all(page.map(record => this.#whole(record)))
    return {
      items,
      ...(last !== undefined && records.length > offset + limit ? { next: cursorOf(last.attack) } : {}),
    }
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
    return records.sort(newestFirst)
  }

  async #inState(
    filter: RecordFilter,
    after: Place | undefined,
    most: number,
    known: ReadonlySet<string>,
  ): Promise<AttackRecord[]> {
    const found: AttackRecord[] = []
    const { host, since, until } = filter
    const asked = {
      ...(host === undefined ? {} : { host }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    }
    let place = after
    for (let round = 0; round < ROUNDS_MAX && found.length < most; round++) {
      const page = { ...asked, limit: Math.max(ROWS, most), ...(place === undefined ? {} : { after: place }) }
      const rows = await this.#options.state.look('past-attacks', page).catch(() => [])
      for (const row of rows) {
        const record = known.has(row.id) ? undefined : this.#fromState(row)
        if (record === undefined) continue
        const whole = filter.hasMitigations !== undefined ? await this.#whole(record) : record
        if (fits(whole, filter)) found.push(whole)
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < page.limit) break
      place = { at: last.openedAt, id: last.id }
    }
    return found
  }

  #fromMemory({ attack, decision }: AttackEntry): AttackRecord {
    return this.#record(attack, decision, this.#options.store.ofAttack(attack.id))
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

/** A place in a list that has the newest first. */
interface Place {
  readonly at: number
  readonly id: string
}

const cursorOf = ({ openedAt, id }: Attack): string => `${openedAt}.${id}`

function readCursor(cursor: string | undefined): Place | undefined {
  const [, at, id] = /^(\d{1,16})\.([0-9a-z-]{1,64})$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: Number(at), id }
}

/** Whether `text` is a cursor of these lists. */
export const isArchiveCursor = (text: string): boolean => readCursor(text) !== undefined

const newestFirst = (a: AttackRecord, b: AttackRecord): number =>
  b.attack.openedAt - a.attack.openedAt || (a.attack.id < b.attack.id ? 1 : -1)

/** What can be told before a record is made. */
function isWithin(attack: Attack, { host, since, until }: RecordFilter, after: Place | undefined): boolean {
  const { openedAt, id } = attack
  return (
    (host === undefined || attack.host === host) &&
    (since === undefined || openedAt >= since) &&
    (until === undefined || openedAt < until) &&
    (after === undefined || openedAt < after.at || (openedAt === after.at && id < after.id))
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
