// How many there were, in each stretch of time: counted by the database, so that a page that asks again and again is cheap.

import { type Kysely, sql } from 'kysely'
import type { HistogramWanted } from './change.ts'
import type { Tables } from './tables.ts'

export interface Counted {
  readonly at: number
  readonly count: number
}

/** Events that came, or attacks that are over and against which something was done; stretches without any are left out. */
export async function countByTime(
  database: Kysely<Tables>,
  { what, since, stretchMs }: HistogramWanted,
): Promise<Counted[]> {
  const rows = await (what === 'events'
    ? eventsBy(database, since, stretchMs)
    : mitigatedBy(database, since, stretchMs))
  return rows.map(({ stretch, count }) => ({ at: stretch * (stretchMs ?? 0), count: Number(count) }))
}

const eventsBy = (database: Kysely<Tables>, since: number, stretchMs: number | undefined) =>
  database
    .selectFrom('events')
    .select(({ fn }) => [stretchOf('at', stretchMs).as('stretch'), fn.countAll().as('count')])
    .where('at', '>=', since)
    .groupBy('stretch')
    .orderBy('stretch')
    .execute()

const mitigatedBy = (database: Kysely<Tables>, since: number, stretchMs: number | undefined) =>
  database
    .selectFrom('past_attacks')
    .select(({ fn }) => [stretchOf('opened_at', stretchMs).as('stretch'), fn.countAll().as('count')])
    .where('opened_at', '>=', since)
    .where(is =>
      is.or([
        is('id', 'in', is.selectFrom('past_mitigations').select('attack_id')),
        is('id', 'in', is.selectFrom('mitigations').select('attack_id')),
      ]),
    )
    .groupBy('stretch')
    .orderBy('stretch')
    .execute()

/** The number is written out: SQLite takes bound ones for fractions, and would divide as such. */
const stretchOf = (moment: string, stretchMs: number | undefined) =>
  stretchMs === undefined
    ? sql<number>`0`
    : sql<number>`${sql.ref(moment)} / ${sql.lit(Math.max(1, Math.floor(stretchMs)))}`
