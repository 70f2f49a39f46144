// A view of an open state that does not change while it is read, beside the writes that go on.

import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { BEING_MADE } from './being-made.ts'
import type { PostgresPlace } from './change.ts'
import { connectPostgres } from './postgres.ts'
import { queriesOf } from './sqlite.ts'
import type { StateFile } from './state-file.ts'
import type { Tables } from './tables.ts'

/** SQLite's own backup makes a copy of the file, which is read and goes. */
export async function withCopy<Result>(
  file: StateFile,
  directory: string,
  read: (queries: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const path = join(directory, `${BEING_MADE}${randomUUID()}.db`)
  try {
    await file.copyTo(path)
    const queries = queriesOf(new DatabaseSync(path))
    try {
      return await read(queries)
    } finally {
      await queries.destroy()
    }
  } finally {
    removeCopies(path)
  }
}

const removeCopies = (path: string): void => {
  for (const suffix of ['', '-wal', '-journal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
}

/** What a process that was killed in a backup left. */
export function removeLeftovers(directory: string): void {
  const names = existsSync(directory) && statSync(directory).isDirectory() ? readdirSync(directory) : []
  for (const name of names) {
    if (name.startsWith(BEING_MADE)) rmSync(join(directory, name), { force: true })
  }
}

/** In PostgreSQL one transaction on a connection of its own sees all as it was when it began. */
export async function withTransaction<Result>(
  place: PostgresPlace,
  read: (queries: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const connection = await connectPostgres(place, false)
  try {
    return await connection.queries
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(read)
  } finally {
    await connection.close()
  }
}
