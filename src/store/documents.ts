// Small things by kind and name, on disk: users, tokens, what an operator noted. Whoever reads one checks it.

import type { Kysely, Transaction } from 'kysely'
import type { Change, Document } from './change.ts'
import { storedText } from './stored-text.ts'
import type { Tables } from './tables.ts'

export async function saveDocuments(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'document' }>[],
): Promise<void> {
  for (const { document } of changes) {
    const name = { kind: storedText(document.kind), id: storedText(document.id) }
    if (document.value === undefined) {
      await transaction
        .deleteFrom('documents')
        .where('kind', '=', name.kind)
        .where('id', '=', name.id)
        .execute()
      continue
    }
    const row = { ...name, body: JSON.stringify(document.value) }
    await transaction
      .insertInto('documents')
      .values(row)
      .onConflict(conflict => conflict.columns(['kind', 'id']).doUpdateSet({ body: row.body }))
      .execute()
  }
}

/** All of them; one that is no JSON is left out. */
export async function readDocuments(database: Kysely<Tables>): Promise<Document[]> {
  const rows = await database.selectFrom('documents').selectAll().execute()
  return rows.flatMap(({ kind, id, body }) => {
    try {
      return [{ kind, id, value: JSON.parse(body) as unknown }]
    } catch {
      return []
    }
  })
}
