// Puts the rows of a checked archive in place of a state: all of them or none.
//
// Into PostgreSQL it is one transaction. For SQLite a new file is filled beside the old one, closed and synced, and takes
// the name in one step; the old one stays under another name.

import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Kysely, sql } from 'kysely'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { ArchivedTable, Row } from './archive-format.ts'
import { ARCHIVED_TABLES } from './archive-format.ts'
import { appendEntries } from './audit.ts'
import { writeHeadFile } from './audit-head.ts'
import type { StorePlace } from './change.ts'
import { type Dialect, POSTGRES, SQLITE } from './dialect.ts'
import { readMark, setMark } from './marks.ts'
import { migrate } from './migrate.ts'
import { connectPostgres } from './postgres.ts'
import { rowsOfArchive } from './read-archive.ts'
import { queriesOf } from './sqlite.ts'
import { STATE_FILE } from './state-file.ts'
import type { Tables } from './tables.ts'

/** States of before that are kept; older ones are deleted. */
const BEFORE_MAX = 3
/** Rows of one statement. */
const BATCH = 500

export interface Restored {
  /** Where the state of before is now; `undefined` when there was none, or when it was a database. */
  readonly before: string | undefined
}

/**
 * The caller holds the lock of the state directory and has checked the archive; `note` goes into the audit. Throws `HeldError` when a daemon uses the
 * database, and what the back ends throw; then the state is as it was.
 */
export async function restoreState(place: StorePlace, archive: string, note: AuditEntry): Promise<Restored> {
  if (place.postgres === undefined) return await restoreFile(place.directory, archive, note)
  const connection = await connectPostgres(place.postgres, true)
  try {
    const migrated = await migrate(connection.queries, note.at, undefined, POSTGRES)
    if (migrated.kind === 'too-new')
      throw new Error('the database belongs to a newer Floodwarden: restore with that version')
    await fill(connection.queries, POSTGRES, archive, note)
    await writeHead(connection.queries, POSTGRES, place.directory)
    return { before: undefined }
  } finally {
    await connection.close()
  }
}

async function restoreFile(directory: string, archive: string, note: AuditEntry): Promise<Restored> {
  const path = join(directory, STATE_FILE)
  const beside = `${path}.restoring`
  removeFile(beside)
  try {
    const database = new DatabaseSync(beside)
    const queries = queriesOf(database)
    try {
      database.exec('PRAGMA synchronous = FULL')
      await migrate(queries, note.at)
      await fill(queries, SQLITE, archive, note)
      sync(beside)
      const before = keepBefore(path, note.at)
      await writeHead(queries, SQLITE, directory)
      renameSync(beside, path)
      sync(directory)
      return { before }
    } finally {
      await queries.destroy()
    }
  } finally {
    removeFile(beside)
  }
}

/** The old file under another name, with nothing of it left beside the old name but itself. */
function keepBefore(path: string, wallMs: number): string | undefined {
  if (!existsSync(path)) return undefined
  const aside = `${path}.before-${new Date(wallMs).toISOString().replaceAll(/[:.]/g, '-')}`
  try {
    // What waits in the log of a file that was not closed goes into it: it would be taken for the new file's.
    const old = new DatabaseSync(path)
    old.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    old.close()
  } catch {
    // A broken file keeps its log beside its new name.
  }
  linkSync(path, aside)
  for (const suffix of ['-wal', '-journal', '-shm']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`)
  }
  removeOldest(dirname(path))
  return aside
}

function removeOldest(directory: string): void {
  const names = readdirSync(directory).filter(name => /^state\.db\.before-[^.]*Z$/.test(name))
  for (const name of names.sort().slice(0, -BEFORE_MAX)) removeFile(join(directory, name))
}

/** One transaction: whatever was there goes, and the rows come. */
async function fill(
  queries: Kysely<Tables>,
  dialect: Dialect,
  archive: string,
  note: AuditEntry,
): Promise<void> {
  await queries.transaction().execute(async transaction => {
    for (const table of [...ARCHIVED_TABLES, 'audit' as const])
      await sql`delete from ${sql.table(table)}`.execute(transaction)
    let batch: Row[] = []
    let table: ArchivedTable | undefined
    const flush = async () => {
      if (table !== undefined && batch.length > 0) await insert(transaction, table, batch)
      batch = []
    }
    for await (const read of rowsOfArchive(archive)) {
      if (read.table !== table || batch.length === BATCH) await flush()
      table = read.table
      batch.push(read.row)
    }
    await flush()
    for (const counted of ['events', 'past_attacks', 'set_aside']) await dialect.countOn(transaction, counted)
    // Another state than the one that was saved: whoever had it open must notice.
    await setMark(transaction, 'identity', { sequence: 0, hash: randomUUID(), at: note.at })
    await appendEntries(transaction, [note], note.at)
  })
}

async function insert(queries: Kysely<Tables>, table: ArchivedTable, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const names = sql.join(columns.map(name => sql.ref(name)))
  const values = sql.join(rows.map(row => sql`(${sql.join(columns.map(name => row[name]))})`))
  await sql`insert into ${sql.table(table)} (${names}) values ${values}`.execute(queries)
}

async function writeHead(queries: Kysely<Tables>, dialect: Dialect, directory: string): Promise<void> {
  const head = await readMark(queries, 'head')
  if (head !== undefined) writeHeadFile(directory, dialect.kind, head)
  else rmSync(join(directory, `audit-head-${dialect.kind}.json`), { force: true })
}

function sync(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function removeFile(path: string): void {
  for (const suffix of ['', '-wal', '-journal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
}
