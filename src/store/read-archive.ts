// Reads the archive of a backup: once for its checksum, before anything of it is believed, and once for its rows.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import {
  ARCHIVE_VERSION,
  type ArchivedConfig,
  type ArchivedTable,
  type ArchiveHead,
  configSchema,
  endSchema,
  headSchema,
  type Row,
  rowOfLine,
} from './archive-format.ts'
import { MIGRATIONS } from './migrate.ts'

/** Longer lines are none of ours: a report has some kilobytes. */
const LINE_BYTES_MAX = 16 * 1024 * 1024

/** What is wrong with an archive, and what to do. */
export class ArchiveError extends Error {}

export interface Archive {
  readonly head: ArchiveHead
  readonly config: ArchivedConfig | undefined
  readonly rows: number
}

export interface ArchivedRow {
  readonly table: ArchivedTable
  readonly row: Row
}

/** Reads all of it and checks every line. Throws `ArchiveError`, and what the file system throws. */
export async function checkArchive(path: string): Promise<Archive> {
  const hash = createHash('sha256')
  let head: ArchiveHead | undefined
  let config: ArchivedConfig | undefined
  let rows = 0
  let end: { rows: number; sha256: string } | undefined
  for await (const text of linesOf(path)) {
    if (end !== undefined) throw damaged(path, 'there is more behind its end')
    const value = parseLine(path, text)
    end = endSchema.safeParse(value).data
    if (end !== undefined) continue
    hash.update(`${text}\n`)
    if (head === undefined) head = headOf(path, value)
    else if (isConfigLine(value)) config = configSchema.parse(value.config)
    else if (rowOfLine(value) === undefined) throw damaged(path, `row ${rows + 1} is none of ours`)
    else rows++
  }
  if (head === undefined || end === undefined) throw damaged(path, 'its end is missing')
  if (end.rows !== rows) throw damaged(path, `it should have ${end.rows} rows and has ${rows}`)
  if (end.sha256 !== hash.digest('hex')) throw damaged(path, 'its checksum is another')
  return { head, config, rows }
}

/** The rows of an archive that was checked. */
export async function* rowsOfArchive(path: string): AsyncGenerator<ArchivedRow> {
  for await (const text of linesOf(path)) {
    const read = rowOfLine(parseLine(path, text))
    if (read !== undefined) yield read
  }
}

function headOf(path: string, value: unknown): ArchiveHead {
  const head = headSchema.safeParse(value).data
  if (head === undefined) throw damaged(path, 'it is no backup of Floodwarden')
  const schema = MIGRATIONS.at(-1)?.version ?? 0
  if (head.version > ARCHIVE_VERSION || head.schema > schema) {
    throw new ArchiveError(
      `${path} was made by Floodwarden ${head.program} with schema ${head.schema}, and this one knows schema ${schema}: ` +
        'restore it with that version or a newer one',
    )
  }
  return head
}

const isConfigLine = (value: unknown): value is { readonly config: unknown } =>
  typeof value === 'object' && value !== null && 'config' in value

const damaged = (path: string, why: string) =>
  new ArchiveError(`${path} is broken: ${why}; nothing was restored, take another backup`)

function parseLine(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(path, 'a line is no JSON')
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const gunzip = createGunzip()
  file.on('error', error => gunzip.destroy(error))
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of file.pipe(gunzip)) {
      rest = Buffer.concat([rest, chunk])
      let from = 0
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
        yield rest.toString('utf8', from, end)
        from = end + 1
      }
      rest = rest.subarray(from)
      if (rest.length > LINE_BYTES_MAX) throw damaged(path, 'a line has no end')
    }
  } catch (error) {
    const isCompression = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw isCompression ? damaged(path, error.message) : error
  } finally {
    file.destroy()
  }
  if (rest.length > 0) throw damaged(path, 'its last line has no end')
}
