// Writes the archive of a state: to a file beside its name, synced, and only then under its name.

import { createHash, randomUUID } from 'node:crypto'
import { closeSync, createWriteStream, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { VERSION } from '#lib/version.ts'
import {
  ARCHIVE_VERSION,
  ARCHIVED_TABLES,
  type ArchivedConfig,
  type ArchivedTable,
  type ArchiveHead,
  LAYOUT,
  lineOfRow,
} from './archive-format.ts'
import type { BackupDone } from './change.ts'
import type { BackEnd } from './dialect.ts'
import { MIGRATIONS } from './migrate.ts'
import type { Tables } from './tables.ts'

const PAGE = 500
/** Whoever wrote secrets into his configuration has them in the archive. */
const MODE = 0o600

export interface ArchiveOptions {
  /** A state that does not change meanwhile. */
  readonly queries: Kysely<Tables>
  readonly backEnd: BackEnd
  readonly path: string
  readonly config: ArchivedConfig | undefined
  readonly wallMs: number
}

/** Throws what the disk and the back end throw, and EEXIST; then there is no file of that name that was not there. */
export async function writeArchive(options: ArchiveOptions): Promise<BackupDone> {
  const part = `${options.path}.${randomUUID()}.part`
  let rows = 0
  try {
    const lines = linesOf(options, count => {
      rows = count
    })
    await pipeline(Readable.from(lines), createGzip(), createWriteStream(part, { flags: 'wx', mode: MODE }))
    const fd = openSync(part, 'r')
    fsyncSync(fd)
    closeSync(fd)
    // A link, not a rename: a file that is there stays as it is.
    linkSync(part, options.path)
    syncFolder(dirname(options.path))
    return { rows, bytes: statSync(options.path).size }
  } finally {
    rmSync(part, { force: true })
  }
}

async function* linesOf(options: ArchiveOptions, counted: (rows: number) => void): AsyncGenerator<string> {
  const { queries, backEnd, config, wallMs } = options
  const hash = createHash('sha256')
  const line = (text: string) => {
    hash.update(`${text}\n`)
    return `${text}\n`
  }
  const head: ArchiveHead = {
    ...{ archive: 'floodwarden', version: ARCHIVE_VERSION, schema: await ownSchema(queries) },
    ...{ program: VERSION, backEnd, at: new Date(wallMs).toISOString() },
  }
  yield line(JSON.stringify(head))
  if (config !== undefined) yield line(JSON.stringify({ config }))
  let rows = 0
  for (const table of ARCHIVED_TABLES) {
    for await (const page of pagesOf(queries, table)) {
      rows += page.length
      yield page.map(row => line(lineOfRow(table, row))).join('')
    }
  }
  counted(rows)
  yield `${JSON.stringify({ rows, sha256: hash.digest('hex') })}\n`
}

async function ownSchema(queries: Kysely<Tables>): Promise<number> {
  const own = MIGRATIONS.at(-1)?.version ?? 0
  const schema = await schemaOf(queries)
  if (schema === own) return schema
  throw new Error(
    `the state has schema ${schema} and this version saves schema ${own}: ` +
      (schema < own ? 'start the daemon once, then it has' : 'save it with the version that wrote it'),
  )
}

async function schemaOf(queries: Kysely<Tables>): Promise<number> {
  const { newest } = await queries
    .selectFrom('schema_version')
    .select(({ fn }) => fn.max('version').as('newest'))
    .executeTakeFirstOrThrow()
  return newest
}

type Page = readonly Readonly<Record<string, unknown>>[]

async function* pagesOf(queries: Kysely<Tables>, table: ArchivedTable): AsyncGenerator<Page> {
  const { key } = LAYOUT[table]
  const from = sql.table(table)
  let last: unknown
  for (let offset = 0; ; offset += PAGE) {
    const query =
      typeof key !== 'string'
        ? sql`select * from ${from} order by ${sql.ref(key[0])}, ${sql.ref(key[1])} limit ${PAGE} offset ${offset}`
        : last === undefined
          ? sql`select * from ${from} order by ${sql.ref(key)} limit ${PAGE}`
          : sql`select * from ${from} where ${sql.ref(key)} > ${last} order by ${sql.ref(key)} limit ${PAGE}`
    const { rows } = await query.execute(queries)
    const page = rows.map(row => ({ ...Object(row) }))
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    if (typeof key === 'string') last = page.at(-1)?.[key]
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
