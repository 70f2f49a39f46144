// Events of foreign detectors on disk: appended once, never changed, pruned by age and number.

import type { Kysely, Transaction } from 'kysely'
import type { EventPage, HistogramWanted, ReceivedEvent } from './change.ts'
import { jsonOf, storedText } from './stored-text.ts'
import type { Tables } from './tables.ts'

/** Keeps events; one of an id that is here already is not kept twice. */
export async function saveEvents(
  transaction: Transaction<Tables>,
  events: readonly ReceivedEvent[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(event => ({
    id: event.id,
    source: storedText(event.source),
    external_id: storedText(event.externalId),
    at: Math.floor(event.receivedAt),
    ...{ host: storedText(event.host), outcome: event.outcome, attack_id: event.attackId },
    body: JSON.stringify(event.report) ?? 'null',
  }))
  // One statement for all: a database far away answers a thousand of them a second, not a thousand events.
  await transaction
    .insertInto('events')
    .values(rows)
    .onConflict(conflict => conflict.column('id').doNothing())
    .execute()
}

/** Events that fit, newest first, each with its number: the next page begins before the last of them. */
export async function readEvents(
  database: Kysely<Tables>,
  page: EventPage,
): Promise<(ReceivedEvent & { readonly number: number })[]> {
  const { limit, before, since, until } = page
  let query = database.selectFrom('events').selectAll()
  for (const [column, wanted] of [
    ['id', page.id],
    ['source', page.source],
    ['external_id', page.externalId],
    ['host', page.host],
    ['outcome', page.outcome],
    ['attack_id', page.attackId],
  ] as const)
    if (wanted !== undefined) query = query.where(column, '=', storedText(wanted))
  if (before !== undefined) query = query.where('number', '<', before)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  const rows = await query.orderBy('number', 'desc').limit(limit).execute()
  return rows.flatMap(row => {
    const report = jsonOf(row.body)
    if (report === undefined) return []
    const { number, id, source, external_id: externalId, at: receivedAt, host, outcome } = row
    return [{ number, id, source, externalId, receivedAt, host, outcome, attackId: row.attack_id, report }]
  })
}

/** How many events came, or attacks that are over opened, in each stretch of time that has any. */
export async function countByTime(
  database: Kysely<Tables>,
  { what, since, stretchMs }: HistogramWanted,
): Promise<{ readonly at: number; readonly count: number }[]> {
  const moments =
    what === 'events'
      ? database.selectFrom('events').select('at as moment').where('at', '>=', since)
      : database.selectFrom('past_attacks').select('opened_at as moment').where('opened_at', '>=', since)
  const counts = new Map<number, number>()
  for (const { moment } of await moments.execute()) {
    const at = Math.floor(moment / stretchMs) * stretchMs
    counts.set(at, (counts.get(at) ?? 0) + 1)
  }
  return [...counts].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at)
}
