// node:sqlite in the form in which Kysely's SQLite dialect asks for a database.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import type { Tables } from './tables.ts'

/** Queries against an open file. Closing the result closes the file. */
export function queriesOf(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database) }) })
}

/** Statements that are kept ready by their text; of more the oldest is prepared anew. */
const STATEMENTS_MAX = 200

function adapt(database: DatabaseSync): SqliteDatabase {
  const ready = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare: sql => {
      // A full disk makes SQLite roll back by itself; asking for it again would hide what went wrong behind a second error.
      if (sql.toLowerCase() === 'rollback' && !database.isTransaction) return NOTHING_TO_DO
      const known = ready.get(sql)
      if (known !== undefined) return known
      const statement = statementOf(database.prepare(sql))
      ready.set(sql, statement)
      const [oldest] = ready.keys()
      if (ready.size > STATEMENTS_MAX && oldest !== undefined) ready.delete(oldest)
      return statement
    },
  }
}

const NOTHING_TO_DO: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

const statementOf = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: parameters => statement.all(...parameters.map(inputOf)),
  run: parameters => statement.run(...parameters.map(inputOf)),
  iterate: parameters => statement.iterate(...parameters.map(inputOf)),
})

/** What SQLite knows: text, numbers, bytes and nothing. Anything else is a mistake of whoever built the query. */
function inputOf(value: unknown): SQLInputValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`SQLite keeps no ${typeof value}`)
}

/** The number of an SQLite error (its primary result code), `undefined` when it is none. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  const { errcode } = error
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

const CORRUPT = 11
const NOT_A_DATABASE = 26

/** Whether the file itself is broken, so that trying again cannot help. */
export function isBroken(error: unknown): boolean {
  const code = sqliteCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE || isNoNumberOfOurs(error)
}

/** A whole number beyond 2^53 cannot be read as one, and we never write such: the bytes are not ours any more. */
const isNoNumberOfOurs = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE'
