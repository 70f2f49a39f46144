// Places that are written down beside the tables: head and checkpoint of the audit's chain, who wrote last, which state it is.

import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * head: the newest entry of the chain. checkpoint: the entry before the oldest that is kept. writer: up to which ticket
 * the program of this hash has its audit here. identity: which state this is, a new one for each that is begun.
 */
export type MarkName = 'head' | 'checkpoint' | 'writer' | 'identity'

export interface Mark {
  readonly sequence: number
  readonly hash: string
  /** Wall clock, ms since 1970 UTC, when it was set. */
  readonly at: number
}

export async function readMark(database: Kysely<Tables>, name: MarkName): Promise<Mark | undefined> {
  return await database
    .selectFrom('marks')
    .select(['sequence', 'hash', 'at'])
    .where('name', '=', name)
    .executeTakeFirst()
}

/** Those that are there, in one question: a database may be far away. */
export async function readMarks(
  database: Kysely<Tables>,
  names: readonly MarkName[],
): Promise<ReadonlyMap<string, Mark>> {
  const rows = await database
    .selectFrom('marks')
    .select(['name', 'sequence', 'hash', 'at'])
    .where('name', 'in', names)
    .execute()
  return new Map(rows.map(({ name, ...mark }) => [name, mark]))
}

export const setMark = (transaction: Transaction<Tables>, name: MarkName, mark: Mark): Promise<void> =>
  setMarks(transaction, [{ name, ...mark }])

export async function setMarks(
  transaction: Transaction<Tables>,
  marks: readonly (Mark & { readonly name: MarkName })[],
): Promise<void> {
  if (marks.length === 0) return
  await transaction
    .insertInto('marks')
    .values(marks.map(({ name, sequence, hash, at }) => ({ name, sequence, hash, at: Math.floor(at) })))
    .onConflict(conflict =>
      conflict.column('name').doUpdateSet(({ ref }) => ({
        sequence: ref('excluded.sequence'),
        hash: ref('excluded.hash'),
        at: ref('excluded.at'),
      })),
    )
    .execute()
}
