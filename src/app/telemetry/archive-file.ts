// What exporters have taught, in one file of the state directory: templates and rates survive a restart.
//
// It is put in place at once and whole. A file that cannot be read costs what it held and nothing else: exporters repeat
// their templates, within minutes as a rule.

import { constants } from 'node:fs'
import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { z } from 'zod'
import { joinArchives, lastUseOf } from '#2-decode/join-archives.ts'
import type { ExporterArchive } from '#2-decode/templates-archive.ts'
import { errorText } from '#lib/log/facts.ts'
import type { ArchivedExporters } from './task.ts'

/** Exporters in the file, those whose templates were used last first, and bytes of it. */
const EXPORTERS_MAX = 1024
const FILE_BYTES_MAX = 32 << 20
const ROOM_FOR_HEAD = 64
const MODE = 0o640
const TO_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Each exporter's part is checked when the exporter is heard (templates-archive.ts): one that is broken spoils no other. */
const fileSchema = z.object({
  version: z.literal(1),
  exporters: z.array(z.object({ address: z.string().max(64), archive: z.unknown() })).max(EXPORTERS_MAX),
})

export type Archive = ReadonlyMap<string, ExporterArchive>

export type ReadArchive =
  | { readonly kind: 'ok'; readonly archive: Archive }
  | { readonly kind: 'broken'; readonly reason: string }

/** Nothing when there is no file. Never rejects. */
export async function readArchive(path: string): Promise<ReadArchive> {
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES_MAX) return { kind: 'broken', reason: `it is larger than ${FILE_BYTES_MAX} bytes` }
    const parsed = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (!parsed.success) return { kind: 'broken', reason: 'it is no archive of exporters' }
    const entries = parsed.data.exporters.map(
      ({ address, archive }) => [address, archive as ExporterArchive] as const,
    )
    return { kind: 'ok', archive: new Map(entries) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { kind: 'ok', archive: new Map() }
    return { kind: 'broken', reason: errorText(error) }
  }
}

export interface MergedArchive {
  readonly archive: Archive
  /** Exporters beyond the bound. */
  readonly leftOut: number
}

/**
 * What was known before, with what the workers know now in its place. Several workers may hear one exporter. Those whose
 * templates were used last come first, and stay when there are too many; rates alone come again with the next datagrams.
 */
export function mergeArchives(before: Archive, found: ArchivedExporters): MergedArchive {
  const now = new Map<string, ExporterArchive>()
  for (const [address, archive] of found) {
    const other = now.get(address)
    if (archive.templates.length + archive.rates.length === 0) continue
    now.set(address, other === undefined ? archive : joinArchives(other, archive))
  }
  const all = [...now, ...[...before].filter(([address]) => !now.has(address))]
  const byUse = all
    .map(([address, archive]) => ({ address, archive, usedMs: lastUseOf(archive) }))
    .toSorted((a, b) => b.usedMs - a.usedMs)
  const kept = byUse.slice(0, EXPORTERS_MAX)
  return {
    archive: new Map(kept.map(({ address, archive }) => [address, archive])),
    leftOut: byUse.length - kept.length,
  }
}

/** Entries of the file, from the first on, as many as it has room for: one that is too large would be refused when it is read. */
function entriesOf(archive: Archive, bytesMax: number): string[] {
  const entries: string[] = []
  let bytes = ROOM_FOR_HEAD
  for (const [address, taught] of archive) {
    const entry = JSON.stringify({ address, archive: taught })
    bytes += Buffer.byteLength(entry) + 1
    if (bytes > bytesMax) break
    entries.push(entry)
  }
  return entries
}

/** Rejects when the file cannot be written; the one before is still there then. Tells how many exporters found no room in it. */
export async function writeArchive(
  path: string,
  archive: Archive,
  bytesMax = FILE_BYTES_MAX,
): Promise<number> {
  const entries = entriesOf(archive, bytesMax)
  const text = `{"version":1,"exporters":[${entries.join(',')}]}\n`
  const draft = `${path}.new`
  // The state directory is ours alone, by its lock: a draft in it is a leftover.
  await unlink(draft).catch(() => {})
  const file = await open(draft, TO_WRITE, MODE)
  try {
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    return archive.size - entries.length
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw error
  }
}
