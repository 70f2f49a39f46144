// The audit on disk: the newest entries up to a bound; older ones are deleted, the log has them.

import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { type AuditEntry, DEEDS } from '#7-mitigation/audit.ts'
import type { Tables } from './tables.ts'

/** Entries that are kept. */
export const AUDIT_MAX = 20_000
/** Entries that a start reads back: what people look at. */
const READ_MAX = 1000

export async function appendAudit(
  transaction: Transaction<Tables>,
  entries: readonly AuditEntry[],
  entriesMax: number = AUDIT_MAX,
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ attackId, mitigationId = null, at, ...entry }) => ({
    ...entry,
    at: Math.floor(at),
    attack_id: attackId,
    mitigation_id: mitigationId,
  }))
  await transaction.insertInto('audit').values(rows).execute()
  const { newest } = await transaction
    .selectFrom('audit')
    .select(({ fn }) => fn.max('number').as('newest'))
    .executeTakeFirstOrThrow()
  await transaction
    .deleteFrom('audit')
    .where('number', '<=', newest - entriesMax)
    .execute()
}

/** Whoever it was: a version after this one may know more of them. */
const who = z.custom<AuditEntry['who']>(value => typeof value === 'string' && value !== '')

const rowSchema = z
  .object({
    at: z.number(),
    who,
    what: z.enum(DEEDS),
    target: z.string(),
    attack_id: z.string(),
    mitigation_id: z.string().nullable(),
    outcome: z.enum(['done', 'failed', 'refused', 'dry-run']),
    reason: z.string(),
  })
  .transform(
    ({ attack_id: attackId, mitigation_id: id, ...entry }): AuditEntry => ({
      ...entry,
      attackId,
      mitigationId: id ?? undefined,
    }),
  )

/** The newest entries, oldest first. What a version after this one wrote in words unknown here is left out. */
export async function readAudit(database: Kysely<Tables>): Promise<AuditEntry[]> {
  const rows = await database
    .selectFrom('audit')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(READ_MAX)
    .execute()
  return rows.toReversed().flatMap(row => rowSchema.safeParse(row).data ?? [])
}
