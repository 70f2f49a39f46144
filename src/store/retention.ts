// What goes away with time: events, attacks that are over, and the audit, each by age and by number, in small steps.

import type { Kysely, Transaction } from 'kysely'
import { readMark, setMark } from './marks.ts'
import type { Tables } from './tables.ts'

export const PRUNED = ['events', 'attacks', 'audit'] as const
export type Pruned = (typeof PRUNED)[number]

export interface Bounds {
  readonly days: number
  readonly rows: number
}

export type Retention = Readonly<Record<Pruned, Bounds>>

const DAY_MS = 86_400_000
/** Rows that one step deletes at most: a few milliseconds in which nothing else is written. */
export const STEP_ROWS = 1000

/** One step: deletes the oldest rows that are too old or too many. Gives how many. */
export async function prune(
  database: Kysely<Tables>,
  what: Pruned,
  { days, rows }: Bounds,
  wallMs: number,
): Promise<number> {
  const before = wallMs - days * DAY_MS
  return await database.transaction().execute(transaction => {
    if (what === 'audit') return pruneAudit(transaction, rows, before, wallMs)
    return prunePast(transaction, what, rows, before)
  })
}

/** Mitigations go by the age of their own, and there may be some for each attack. */
async function prunePast(
  transaction: Transaction<Tables>,
  what: 'events' | 'attacks',
  rows: number,
  before: number,
): Promise<number> {
  if (what === 'events') return await pruneRows(transaction, 'events', rows, before)
  const mitigations = await pruneRows(transaction, 'past_mitigations', rows * MITIGATIONS_EACH, before)
  const attacks = await pruneRows(transaction, 'past_attacks', rows, before)
  return Math.max(mitigations, attacks)
}

const MITIGATIONS_EACH = 5

async function pruneRows(
  transaction: Transaction<Tables>,
  table: 'events' | 'past_attacks' | 'past_mitigations',
  rowsMax: number,
  before: number,
): Promise<number> {
  const tooMany = await transaction
    .selectFrom(table)
    .select('number')
    .orderBy('number', 'desc')
    .offset(rowsMax)
    .limit(1)
    .executeTakeFirst()
  const numbers = await transaction
    .selectFrom(table)
    .select('number')
    .where(({ eb, or }) => or([eb('at', '<', before), eb('number', '<=', tooMany?.number ?? -1)]))
    .orderBy('number')
    .limit(STEP_ROWS)
    .execute()
  if (numbers.length === 0) return 0
  const gone = numbers.map(({ number }) => number)
  await transaction.deleteFrom(table).where('number', 'in', gone).execute()
  return gone.length
}

/** Only from the oldest end, and what is deleted last stays as the checkpoint: verification goes on from there. */
async function pruneAudit(
  transaction: Transaction<Tables>,
  rowsMax: number,
  before: number,
  wallMs: number,
): Promise<number> {
  const head = (await readMark(transaction, 'head'))?.sequence ?? 0
  const oldest = await transaction
    .selectFrom('audit_chain')
    .select(['sequence', 'at', 'hash'])
    .orderBy('sequence')
    .limit(STEP_ROWS)
    .execute()
  const staying = oldest.findIndex(({ sequence, at }) => sequence > head - rowsMax && at >= before)
  const going = staying < 0 ? oldest : oldest.slice(0, staying)
  const last = going.at(-1)
  if (last === undefined) return 0
  await transaction.deleteFrom('audit_chain').where('sequence', '<=', last.sequence).execute()
  await setMark(transaction, 'checkpoint', { sequence: last.sequence, hash: last.hash, at: wallMs })
  return going.length
}

export async function countRows(database: Kysely<Tables>): Promise<Record<Pruned, number>> {
  const count = async (table: 'events' | 'past_attacks' | 'audit_chain') => {
    const { rows } = await database
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
    return Number(rows)
  }
  return {
    events: await count('events'),
    attacks: await count('past_attacks'),
    audit: await count('audit_chain'),
  }
}
