// Brings a state file or database to the schema of this version, or says that a newer version made it unreadable for this one.
//
// A migration that only adds tables, or columns that may be missing, keeps `minimumReader` as it is: the version before
// then goes on with the file as it went. One that changes the meaning of something raises it to its own number.

import type { Kysely, Transaction } from 'kysely'
import { type Dialect, SQLITE } from './dialect.ts'
import { migration0001 } from './migrations/0001-bans-mitigations-audit.ts'
import { migration0002 } from './migrations/0002-limit-samples.ts'
import { migration0003 } from './migrations/0003-events-history-chain.ts'
import { migration0004 } from './migrations/0004-rules-and-steps.ts'
import { migration0005 } from './migrations/0005-foreign-attacks.ts'
import { migration0006 } from './migrations/0006-traffic-history.ts'
import { migration0007 } from './migrations/0007-traffic-tens.ts'
import type { Tables } from './tables.ts'

export interface Migration {
  readonly version: number
  /** The oldest version whose programs can still use the file afterwards. */
  readonly minimumReader: number
  up(transaction: Transaction<Tables>, dialect: Dialect): Promise<void>
}

/** In order, numbered from 1 without a gap. */
export const MIGRATIONS: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
]

export type Migrated =
  | { readonly kind: 'ready'; readonly version: number }
  /** The file was left as it is. */
  | { readonly kind: 'too-new'; readonly version: number; readonly minimumReader: number }

/** Each migration is a transaction of its own with its number: whatever happens, the file has all of it or nothing. */
export async function migrate(
  database: Kysely<Tables>,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
  dialect: Dialect = SQLITE,
): Promise<Migrated> {
  const own = migrations.at(-1)?.version ?? 0
  const { version, minimumReader } = await versionOf(database, dialect)
  if (minimumReader > own) return { kind: 'too-new', version, minimumReader }
  for (const migration of migrations) {
    if (migration.version > version) await database.transaction().execute(run(migration, now, dialect))
  }
  return { kind: 'ready', version: Math.max(version, own) }
}

async function versionOf(database: Kysely<Tables>, dialect: Dialect) {
  if (!(await dialect.hasTable(database, 'schema_version'))) return { version: 0, minimumReader: 0 }
  const rows = await database.selectFrom('schema_version').select(['version', 'minimum_reader']).execute()
  return {
    version: Math.max(0, ...rows.map(row => row.version)),
    minimumReader: Math.max(0, ...rows.map(row => row.minimum_reader)),
  }
}

const run =
  ({ version, minimumReader, up }: Migration, now: number, dialect: Dialect) =>
  async (transaction: Transaction<Tables>): Promise<void> => {
    await transaction.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('version', dialect.whole, column => column.primaryKey())
      .addColumn('minimum_reader', dialect.whole, column => column.notNull())
      .addColumn('applied_at', dialect.whole, column => column.notNull())
      .execute()
    await up(transaction, dialect)
    const row = { version, minimum_reader: minimumReader, applied_at: now }
    await transaction.insertInto('schema_version').values(row).execute()
  }
