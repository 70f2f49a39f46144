// Hours of what calm traffic did, on disk: one row for each scope and hour, in bytes that only their maker reads.

import type { Kysely, Transaction } from 'kysely'
import type { Change, HourKey, KeptHour } from './change.ts'
import type { Tables } from './tables.ts'

/** More rows are not read: twice what a week of all scopes makes. */
const ROWS_MAX = 21_504
/** Nor longer ones. */
const BODY_BYTES_MAX = 65_536

export async function saveHours(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'hour' }>[],
): Promise<void> {
  for (const { scope, hour, body } of changes) {
    await transaction
      .insertInto('limit_samples')
      .values({ scope, hour, body })
      .onConflict(conflict => conflict.columns(['scope', 'hour']).doUpdateSet({ body }))
      .execute()
  }
}

export async function deleteHours(transaction: Transaction<Tables>, keys: readonly HourKey[]): Promise<void> {
  for (const { scope, hour } of keys) {
    await transaction
      .deleteFrom('limit_samples')
      .where('scope', '=', scope)
      .where('hour', '=', hour)
      .execute()
  }
}

/** All hours, newest first. */
export async function readHours(database: Kysely<Tables>): Promise<KeptHour[]> {
  const rows = await database
    .selectFrom('limit_samples')
    .select(['scope', 'hour', 'body'])
    .orderBy('hour', 'desc')
    .limit(ROWS_MAX)
    .execute()
  // SQLite keeps in a column whatever was put there.
  return rows.filter(
    ({ scope, hour, body }) =>
      typeof scope === 'string' &&
      Number.isSafeInteger(hour) &&
      body instanceof Uint8Array &&
      body.length <= BODY_BYTES_MAX,
  )
}
