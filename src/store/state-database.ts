// The state in PostgreSQL: connected to, locked, brought to this version, read back and written to.

import { type Kysely, sql } from 'kysely'
import type { Change, Kept, PostgresPlace } from './change.ts'
import { POSTGRES } from './dialect.ts'
import type { Migrated, Migration } from './migrate.ts'
import {
  beginState,
  identityOf,
  type OpenState,
  type StateSettings,
  TooNewError,
  writeState,
} from './open-state.ts'
import { connectPostgres, type PostgresConnection } from './postgres.ts'
import { type SetAsideRow, setAsideRow } from './set-aside.ts'
import type { Tables } from './tables.ts'

export interface StateDatabaseOptions extends StateSettings {
  readonly postgres: PostgresPlace
  readonly migrations?: readonly Migration[]
  /** An answer that takes longer never comes; see `connectPostgres`. */
  readonly answerMs?: number
}

export interface OpenedDatabase {
  readonly file: StateDatabase
  readonly kept: Kept
  readonly setAside: readonly SetAsideRow[]
  /** A database is never replaced by us. */
  readonly replaced: undefined
}

/** Throws `TooNewError`, `HeldError`, and what `pg` throws when the database does not answer. */
export async function openStateDatabase(options: StateDatabaseOptions): Promise<OpenedDatabase> {
  const connection = await connectPostgres(options.postgres, true, options.answerMs)
  try {
    const begun = await beginState(connection.queries, POSTGRES, {
      ...options,
      check: () => {},
      tooNew: versions => new TooNewError(tooNewText(versions)),
    })
    const identity = (await identityOf(connection.queries)) ?? ''
    const file = new StateDatabase(connection, identity, options)
    return { file, kept: begun.kept, setAside: begun.unreadable.map(setAsideRow), replaced: undefined }
  } catch (error) {
    await connection.close()
    throw error
  }
}

export class StateDatabase implements OpenState {
  readonly dialect = POSTGRES
  readonly #connection: PostgresConnection
  readonly #options: StateSettings
  /** Which state this is; another one when somebody put an empty database in its place. */
  readonly identity: string

  constructor(connection: PostgresConnection, identity: string, options: StateSettings) {
    this.#connection = connection
    this.identity = identity
    this.#options = options
  }

  get queries(): Kysely<Tables> {
    return this.#connection.queries
  }

  write(changes: readonly Change[]): Promise<void> {
    return writeState(this.queries, POSTGRES, changes, this.#options)
  }

  /** Throws when it does not answer. */
  async check(): Promise<void> {
    await sql`select 1`.execute(this.queries)
  }

  get isLost(): boolean {
    return this.#connection.isLost()
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}

const tooNewText = ({ version, minimumReader }: Extract<Migrated, { kind: 'too-new' }>) =>
  `the database has schema ${version}, written by a newer Floodwarden, and needs one that knows schema ${minimumReader}: ` +
  'start that version, or name another database in store.postgres to begin without its bans'
