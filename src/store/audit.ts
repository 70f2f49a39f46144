// The audit on disk: appended to its chain, read back, listed, and taken over from schemas that had no chain.

import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { type AuditEntry, DEEDS } from '#7-mitigation/audit.ts'
import { chunksOf } from '#lib/chunks.ts'
import { type ChainedFacts, chained, GENESIS, type Link, parsed } from './audit-chain.ts'
import { type AuditFilter, fitsWords } from './audit-filter.ts'
import type { Change } from './change.ts'
import { readMark, readMarks, setMark, setMarks } from './marks.ts'
import type { ChainRow, Tables } from './tables.ts'

/** Entries that a start reads back: what people look at. */
const READ_MAX = 1000
/** Rows in one statement: PostgreSQL takes 65,535 values, SQLite 32,766. */
const ROWS_MAX = 1000
/** Entries that are looked through for words without a column: more would keep the state from being written. */
const LOOKED_AT_MAX = 200_000

/** Who appends: a run of the program, which tells entries it sends a second time by their tickets. */
export interface Writer {
  readonly run: string
  /** Wall clock, ms since 1970 UTC. */
  readonly wallMs: number
}

/**
 * Appends entries and moves the head. Those of this run whose ticket is here already are left out: when an answer to a
 * write was lost, the same entries come again. Gives the new head, `undefined` when nothing was appended.
 */
export async function appendAudit(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'audit' }>[],
  writer: Writer,
): Promise<Link | undefined> {
  if (changes.length === 0) return undefined
  const { run, wallMs: at } = writer
  const marks = await readMarks(transaction, ['writer', 'head'])
  const last = marks.get('writer')
  const known = last?.hash === run ? last.sequence : 0
  const news = changes.filter(({ ticket }) => ticket === undefined || ticket > known)
  const ticket = Math.max(known, ...news.map(change => change.ticket ?? 0))
  const entries = news.map(({ entry }) => entry)
  const head = await appendBehind(transaction, marks.get('head') ?? GENESIS, entries)
  await setMarks(transaction, [
    ...(ticket > known ? [{ name: 'writer', sequence: ticket, hash: run, at } as const] : []),
    ...(head === undefined ? [] : [{ name: 'head', ...head, at } as const]),
  ])
  return head
}

export async function appendEntries(
  transaction: Transaction<Tables>,
  entries: readonly ChainedFacts[],
  wallMs: number,
): Promise<Link | undefined> {
  const before = (await readMark(transaction, 'head')) ?? GENESIS
  const head = await appendBehind(transaction, before, entries)
  if (head !== undefined) await setMark(transaction, 'head', { ...head, at: wallMs })
  return head
}

/** Gives the new head, `undefined` when there was nothing to append. */
async function appendBehind(
  transaction: Transaction<Tables>,
  before: Link,
  entries: readonly ChainedFacts[],
): Promise<Link | undefined> {
  if (entries.length === 0) return undefined
  let head = before
  for (const some of chunksOf(entries, ROWS_MAX)) {
    const rows: ChainRow[] = []
    for (const entry of some) {
      const row = chained(head, entry)
      rows.push(row)
      head = row
    }
    await transaction.insertInto('audit_chain').values(rows).execute()
  }
  const { sequence, hash } = head
  return { sequence, hash }
}

/** Takes what a version without a chain wrote into the chain, oldest first. */
export async function adoptOldAudit(transaction: Transaction<Tables>, wallMs: number): Promise<void> {
  const rows = await transaction.selectFrom('audit').selectAll().orderBy('number').execute()
  const entries = rows.map(
    ({ number: _number, attack_id: attackId, mitigation_id: mitigationId, ...entry }) => ({
      ...entry,
      attackId,
      ...(mitigationId === null ? {} : { mitigationId }),
    }),
  )
  await appendEntries(transaction, entries, wallMs)
  if (rows.length > 0) await transaction.deleteFrom('audit').execute()
}

/** Whoever it was: a version after this one may know more of them. */
const who = z.custom<AuditEntry['who']>(value => typeof value === 'string' && value !== '')

const entrySchema = z
  .object({
    at: z.number(),
    who,
    what: z.enum(DEEDS),
    target: z.string(),
    attackId: z.string(),
    mitigationId: z.string().optional(),
    outcome: z.enum(['done', 'failed', 'refused', 'dry-run']),
    reason: z.string(),
    before: z.json().optional(),
    after: z.json().optional(),
  })
  .transform(
    ({ mitigationId, before, after, ...entry }): AuditEntry => ({
      ...entry,
      mitigationId,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    }),
  )

/** The newest entries, oldest first. What a version after this one wrote in words unknown here is left out. */
export async function readAudit(database: Kysely<Tables>): Promise<AuditEntry[]> {
  const rows = await database
    .selectFrom('audit_chain')
    .select('body')
    .orderBy('sequence', 'desc')
    .limit(READ_MAX)
    .execute()
  return rows.toReversed().flatMap(({ body }) => entrySchema.safeParse(parsed(body)).data ?? [])
}

export interface StoredEntry {
  readonly sequence: number
  readonly hash: string
  readonly entry: AuditEntry
}

/** Entries that fit, newest first. Words that have no column of their own are looked for in the newest LOOKED_AT_MAX. */
export async function listAudit(database: Kysely<Tables>, filter: AuditFilter): Promise<StoredEntry[]> {
  const { attack, mitigation, reason, limit } = filter
  const words = [attack, mitigation, reason].flatMap(word => word ?? [])
  if (words.length === 0) return (await pageOf(database, filter, [], limit)).entries
  const found: StoredEntry[] = []
  const head = filter.before ?? ((await readMark(database, 'head')) ?? GENESIS).sequence + 1
  const last = Math.max(0, head - LOOKED_AT_MAX)
  let before = head
  while (found.length < limit && before > last) {
    const page = await pageOf(database, { ...filter, before, from: last }, words, ROWS_MAX)
    found.push(...page.entries.filter(({ entry }) => fitsWords(entry, filter)))
    before = page.next
  }
  return found.slice(0, limit)
}

/** Rows that may fit: `words` are somewhere in the text of the entry, as far as the database can compare them. */
async function pageOf(
  database: Kysely<Tables>,
  filter: AuditFilter & { readonly from?: number },
  words: readonly string[],
  limit: number,
): Promise<{ readonly entries: StoredEntry[]; readonly next: number }> {
  let query = database.selectFrom('audit_chain').select(['sequence', 'hash', 'body'])
  for (const column of ['who', 'what', 'target', 'outcome'] as const) {
    const wanted = filter[column]
    if (wanted !== undefined) query = query.where(column, '=', wanted)
  }
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since)
  if (filter.until !== undefined) query = query.where('at', '<', filter.until)
  if (filter.before !== undefined) query = query.where('sequence', '<', filter.before)
  if (filter.from !== undefined) query = query.where('sequence', '>', filter.from)
  // Databases lower letters beyond ASCII differently.
  for (const word of words.filter(each => /^[ -~]*$/.test(each)))
    query = query.where(sql<boolean>`lower(body) like ${patternOf(word)} escape '!'`)
  const rows = await query.orderBy('sequence', 'desc').limit(limit).execute()
  const entries = rows.flatMap(({ sequence, hash, body }) => {
    const entry = entrySchema.safeParse(parsed(body)).data
    return entry === undefined ? [] : [{ sequence, hash, entry }]
  })
  return { entries, next: rows.length < limit ? 0 : (rows.at(-1)?.sequence ?? 0) }
}

/** As JSON writes it. */
const patternOf = (word: string): string =>
  `%${JSON.stringify(word.toLowerCase()).slice(1, -1).replace(/[!%_]/g, '!$&')}%`
