// Mitigations on disk: those that have not ended.

import type { Kysely, Transaction } from 'kysely'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { mitigationSchema } from './mitigation-schema.ts'
import { readBody, type UnreadableRow } from './set-aside.ts'
import type { Tables } from './tables.ts'

export async function saveMitigations(
  transaction: Transaction<Tables>,
  mitigations: readonly Mitigation[],
): Promise<void> {
  if (mitigations.length === 0) return
  const rows = mitigations.map(mitigation => ({
    id: mitigation.id,
    attack_id: mitigation.attackId,
    state: mitigation.state,
    enforcer: mitigation.enforcer,
    expires_at: Math.floor(mitigation.expiresAt),
    body: JSON.stringify(mitigation),
  }))
  await transaction
    .insertInto('mitigations')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        state: ref('excluded.state'),
        enforcer: ref('excluded.enforcer'),
        expires_at: ref('excluded.expires_at'),
        body: ref('excluded.body'),
      })),
    )
    .execute()
}

export async function deleteMitigations(
  transaction: Transaction<Tables>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await transaction.deleteFrom('mitigations').where('id', 'in', ids).execute()
}

/** All of them, earliest expiry first, and the rows that cannot be read. */
export async function readMitigations(database: Kysely<Tables>) {
  const rows = await database.selectFrom('mitigations').select(['id', 'body']).orderBy('expires_at').execute()
  const mitigations: Mitigation[] = []
  const unreadable: UnreadableRow[] = []
  for (const { id, body } of rows) {
    const read = readBody(body, mitigationSchema)
    if (read.kind === 'read') mitigations.push(read.value)
    else unreadable.push({ aggregate: 'mitigations', id, body, problem: read.problem })
  }
  return { mitigations, unreadable }
}
