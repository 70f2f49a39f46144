// What was learned, by key, on disk: values that whoever learned them checks when it reads them back.

import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import type { Clocks } from './ban-age.ts'
import type { Change } from './change.ts'
import type { Tables } from './tables.ts'

/** Under this key the store itself keeps when it was last alive. */
const CLOCK = 'store clock'

export async function saveLearned(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'learned' }>[],
): Promise<void> {
  for (const { key, value } of changes) await saveOne(transaction, key, value)
}

/** That the program was alive at this moment. */
export const saveClock = (transaction: Transaction<Tables>, now: Clocks): Promise<void> =>
  saveOne(transaction, CLOCK, now)

async function saveOne(transaction: Transaction<Tables>, key: string, value: unknown): Promise<void> {
  const row = { key, value: JSON.stringify(value) }
  await transaction
    .insertInto('learned')
    .values(row)
    .onConflict(conflict => conflict.column('key').doUpdateSet({ value: row.value }))
    .execute()
}

const clockSchema = z.object({ boot: z.string(), uptimeSeconds: z.number(), wallMs: z.number() })

/** All values, and when the program was last alive. A value that is no JSON is left out. */
export async function readLearned(database: Kysely<Tables>) {
  const rows = await database.selectFrom('learned').select(['key', 'value']).execute()
  const learned = new Map<string, unknown>()
  for (const { key, value } of rows) {
    try {
      learned.set(key, JSON.parse(value))
    } catch {
      learned.delete(key)
    }
  }
  const lastAlive: Clocks | undefined = clockSchema.safeParse(learned.get(CLOCK)).data
  learned.delete(CLOCK)
  return { learned, lastAlive }
}
