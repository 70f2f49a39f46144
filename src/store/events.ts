// Events of foreign detectors on disk: appended once, never changed, pruned by age and number.

import type { Kysely, Transaction } from 'kysely'
import type { EventPage, ReceivedEvent } from './change.ts'
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
