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

export async function setMark(transaction: Transaction<Tables>, name: MarkName, mark: Mark): Promise<void> {
  const { sequence, hash, at } = mark
  const row = { sequence, hash, at: Math.floor(at) }
  await transaction
    .insertInto('marks')
    .values({ name, ...row })
    .onConflict(conflict => conflict.column('name').doUpdateSet(row))
    .execute()
}
