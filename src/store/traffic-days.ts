// Days of traffic on disk: one row for each series and day, with numbers that are not known yet as NaN. What comes later
// is put among what is there, so that a restart loses nothing of the day.

import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from '#lib/chunks.ts'
import type { Change, TrafficDay, TrafficWanted } from './change.ts'
import type { Tables } from './tables.ts'

/** Older ones go when newer ones come. */
const DAYS_KEPT = 400
/** Longer rows are not ours. */
const BODY_BYTES_MAX = 65_536
/** Of one statement: many hosts have something for their day at once, and statements for each cost more than its row. */
const ROWS_MAX = 200

export async function saveTrafficDays(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'traffic-day' }>[],
): Promise<void> {
  const newest = changes.reduce((latest, { day }) => Math.max(latest, day), 0)
  if (newest === 0) return
  for (const [day, sameDay] of Map.groupBy(changes, change => change.day))
    for (const some of chunksOf([...mergedBySeries(sameDay)], ROWS_MAX)) await saveDay(transaction, day, some)
  await transaction
    .deleteFrom('traffic_days')
    .where('day', '<=', newest - DAYS_KEPT)
    .execute()
}

/** What came of each series in one day, put together. */
function mergedBySeries(changes: readonly TrafficDay[]): Map<string, Uint8Array> {
  const bodies = new Map<string, Uint8Array>()
  for (const { series, body } of changes) {
    const before = bodies.get(series)
    bodies.set(series, before === undefined ? body : mergedDay(before, body))
  }
  return bodies
}

async function saveDay(
  transaction: Transaction<Tables>,
  day: number,
  bodies: readonly (readonly [series: string, body: Uint8Array])[],
): Promise<void> {
  const present = await transaction
    .selectFrom('traffic_days')
    .select(['series', 'body'])
    .where('day', '=', day)
    .where(
      'series',
      'in',
      bodies.map(([series]) => series),
    )
    .execute()
  const before = new Map(present.map(({ series, body }) => [series, body]))
  const rows = bodies.map(([series, body]) => {
    const known = before.get(series)
    return { series, day, body: known === undefined ? body : mergedDay(known, body) }
  })
  await transaction
    .insertInto('traffic_days')
    .values(rows)
    .onConflict(conflict =>
      conflict.columns(['series', 'day']).doUpdateSet(({ ref }) => ({ body: ref('excluded.body') })),
    )
    .execute()
}

/** Days of a series, oldest first. A row that cannot be read is left out. */
export async function readTrafficDays(
  database: Kysely<Tables>,
  { series, from, to }: TrafficWanted,
): Promise<TrafficDay[]> {
  const rows = await database
    .selectFrom('traffic_days')
    .select(['day', 'body'])
    .where('series', '=', series)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .limit(DAYS_KEPT + 1)
    .execute()
  return rows
    .filter(({ body }) => body instanceof Uint8Array && body.length <= BODY_BYTES_MAX)
    .map(({ day, body }) => ({ series, day, body: Uint8Array.from(body) }))
}

/** A day of numbers of 16 bits, in which all ones stand where nothing is known. Days of any other length have 32 bits, and NaN. */
const PACKED_BYTES = 288 * 6 * 2
const PACKED_UNKNOWN = 0xffff

/** Numbers of `next` where it has some, else those of before. */
function mergedDay(before: Uint8Array, next: Uint8Array): Uint8Array {
  if (before.length !== next.length) return next
  if (next.length === PACKED_BYTES) return mergedPacked(before, next)
  const merged = floatsOf(before)
  for (const [at, value] of floatsOf(next).entries()) if (!Number.isNaN(value)) merged[at] = value
  return new Uint8Array(merged.buffer)
}

function mergedPacked(before: Uint8Array, next: Uint8Array): Uint8Array {
  const merged = new Uint16Array(Uint8Array.from(before).buffer)
  const numbers = new Uint16Array(Uint8Array.from(next).buffer)
  for (const [at, value] of numbers.entries()) if (value !== PACKED_UNKNOWN) merged[at] = value
  return new Uint8Array(merged.buffer)
}

/** A copy: bytes of a database need not lie where numbers may. */
const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 2)
