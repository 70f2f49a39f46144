// Events of foreign detectors, and attacks that are over, on disk: appended once, never changed, pruned by age and number.

import type { Kysely, Transaction } from 'kysely'
import type { KnownEvent, PastAttack, ReceivedEvent } from './change.ts'
import { storedText } from './stored-text.ts'
import type { Tables } from './tables.ts'

/**
 * Keeps events; one that its source sent before is not kept twice. Gives those that were here already, under another id,
 * each with that id.
 */
export async function saveEvents(
  transaction: Transaction<Tables>,
  events: readonly ReceivedEvent[],
): Promise<KnownEvent[]> {
  if (events.length === 0) return []
  const rows = events.map(event => ({
    id: event.id,
    source: storedText(event.source),
    external_id: storedText(event.externalId),
    at: Math.floor(event.receivedAt),
    body: JSON.stringify(event.report) ?? 'null',
  }))
  // One statement for all: a database far away answers a thousand of them a second, not a thousand events.
  const inserted = await transaction
    .insertInto('events')
    .values(rows)
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .execute()
  const news = new Set(inserted.map(({ id }) => id))
  const known: KnownEvent[] = []
  for (const row of rows) {
    if (news.has(row.id)) continue
    const before = await idOf(transaction, row.source, row.external_id)
    if (before !== undefined && before !== row.id) known.push({ id: row.id, before })
  }
  return known
}

async function idOf(
  transaction: Transaction<Tables>,
  source: string,
  externalId: string,
): Promise<string | undefined> {
  const row = await transaction
    .selectFrom('events')
    .select('id')
    .where('source', '=', source)
    .where('external_id', '=', externalId)
    .executeTakeFirst()
  return row?.id
}

/** The newest events, newest first. */
export async function readEvents(database: Kysely<Tables>, limit: number): Promise<ReceivedEvent[]> {
  const rows = await database
    .selectFrom('events')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.flatMap(({ id, source, external_id: externalId, at, body }) => {
    const report = jsonOf(body)
    return report === undefined ? [] : [{ id, source, externalId, receivedAt: at, report }]
  })
}

export async function savePastAttacks(
  transaction: Transaction<Tables>,
  attacks: readonly PastAttack[],
): Promise<void> {
  if (attacks.length === 0) return
  const rows = attacks.map(({ id, host, openedAt, endedAt, report }) => ({
    ...{ id, host: storedText(host), opened_at: Math.floor(openedAt), at: Math.floor(endedAt) },
    body: JSON.stringify(report) ?? 'null',
  }))
  await transaction
    .insertInto('past_attacks')
    .values(rows)
    .onConflict(conflict => conflict.column('id').doNothing())
    .execute()
}

/** Attacks that ended, the newest first; of one host when it is named. */
export async function readPastAttacks(
  database: Kysely<Tables>,
  wanted: { readonly limit: number; readonly host?: string | undefined },
): Promise<PastAttack[]> {
  let query = database.selectFrom('past_attacks').selectAll()
  if (wanted.host !== undefined) query = query.where('host', '=', wanted.host)
  const rows = await query.orderBy('number', 'desc').limit(wanted.limit).execute()
  return rows.flatMap(({ id, host, opened_at: openedAt, at: endedAt, body }) => {
    const report = jsonOf(body)
    return report === undefined ? [] : [{ id, host, openedAt, endedAt, report }]
  })
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
