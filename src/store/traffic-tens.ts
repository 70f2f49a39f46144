// The last day of traffic by ten seconds, on disk: one row for each series and five minutes, written once.

import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from '#lib/chunks.ts'
import type { Change, TrafficTens, TrafficWanted } from './change.ts'
import type { Tables } from './tables.ts'

/** Five minutes in a day; older ones go when newer ones come. */
const STEPS_KEPT = 288
/** Longer rows are not ours. */
const BODY_BYTES_MAX = 4096
/** Of one statement: many hosts end their five minutes at once, and a statement for each costs more than its row. */
const ROWS_MAX = 200

export async function saveTrafficTens(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'traffic-tens' }>[],
): Promise<void> {
  const newest = changes.reduce((latest, { step }) => Math.max(latest, step), 0)
  if (newest === 0) return
  // One statement changes no row twice: what came last counts.
  const rows = new Map(
    changes.map(({ series, step, body }) => [`${step} ${series}`, { series, step, body }] as const),
  )
  for (const some of chunksOf([...rows.values()], ROWS_MAX))
    await transaction
      .insertInto('traffic_tens')
      .values(some)
      .onConflict(conflict =>
        conflict.columns(['series', 'step']).doUpdateSet(({ ref }) => ({ body: ref('excluded.body') })),
      )
      .execute()
  await transaction
    .deleteFrom('traffic_tens')
    .where('step', '<', newest - STEPS_KEPT)
    .execute()
}

/** Five minutes of a series each, oldest first. */
export async function readTrafficTens(
  database: Kysely<Tables>,
  { series, from, to }: TrafficWanted,
): Promise<TrafficTens[]> {
  const rows = await database
    .selectFrom('traffic_tens')
    .select(['step', 'body'])
    .where('series', '=', series)
    .where('step', '>=', from)
    .where('step', '<=', to)
    .orderBy('step')
    .limit(STEPS_KEPT + 2)
    .execute()
  return rows
    .filter(({ body }) => body instanceof Uint8Array && body.length <= BODY_BYTES_MAX)
    .map(({ step, body }) => ({ series, step, body: Uint8Array.from(body) }))
}
