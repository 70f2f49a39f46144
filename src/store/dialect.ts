// What SQLite and PostgreSQL say differently, all in one place: types of columns, and whether a table is there.
//
// Everything else in this folder is written once. Text that is JSON stays text on both, so that what was hashed or sent is
// read back byte by byte.

import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

export type BackEnd = 'sqlite' | 'postgres'

export interface Dialect {
  readonly kind: BackEnd
  /** Whole numbers up to 2^53: times in ms do not fit PostgreSQL's `integer`. */
  readonly whole: 'integer' | 'bigint'
  readonly real: 'real' | 'double precision'
  readonly bytes: 'blob' | 'bytea'
  /** A key that counts by itself, upwards. */
  readonly counting: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
  readonly hasTable: (database: Kysely<Tables>, name: string) => Promise<boolean>
  /** After rows came with their own numbers: counting goes on behind the highest. */
  readonly countOn: (database: Kysely<Tables>, table: string) => Promise<void>
}

export const SQLITE: Dialect = {
  kind: 'sqlite',
  whole: 'integer',
  real: 'real',
  bytes: 'blob',
  counting: column => column.primaryKey().autoIncrement(),
  async hasTable(database, name) {
    const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(
      database,
    )
    return found.rows.length > 0
  },
  // SQLite keeps the highest number that was ever there by itself.
  async countOn() {},
}

export const POSTGRES: Dialect = {
  kind: 'postgres',
  whole: 'bigint',
  real: 'double precision',
  bytes: 'bytea',
  counting: column => column.primaryKey().generatedByDefaultAsIdentity(),
  async hasTable(database, name) {
    // Only where our own tables would be made: other schemas may hold tables of the same name.
    const found = await sql`select 1 from pg_catalog.pg_class
      where relname = ${name} and relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace`.execute(
      database,
    )
    return found.rows.length > 0
  },
  async countOn(database, table) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'number'),
      (select coalesce(max(number), 0) + 1 from ${sql.table(table)}), false)`.execute(database)
  },
}
