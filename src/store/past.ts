// What is over, on disk: attacks with their reports, and mitigations. Appended, pruned by age and number, and looked up by
// the moment at which they began, newest first.

import { type Expression, expressionBuilder, type Kysely, type SqlBool, type Transaction } from 'kysely'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { PastAttack, PastPage } from './change.ts'
import { pastMitigationSchema } from './mitigation-schema.ts'
import { readBody } from './set-aside.ts'
import { jsonOf, storedText } from './stored-text.ts'
import type { Tables } from './tables.ts'

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

/** Attacks that ended, those that opened last first. */
export async function readPastAttacks(database: Kysely<Tables>, page: PastPage): Promise<PastAttack[]> {
  const { host, limit } = page
  let query = database
    .selectFrom('past_attacks')
    .selectAll()
    .where(({ ref }) => isOnPage(page, ref('opened_at'), ref('id')))
  if (host !== undefined) query = query.where('host', '=', host)
  const rows = await query.orderBy('opened_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.flatMap(({ id, host, opened_at: openedAt, at: endedAt, body }) => {
    const report = jsonOf(body)
    return report === undefined ? [] : [{ id, host, openedAt, endedAt, report }]
  })
}

/** Whether a row that began then belongs to a page. */
function isOnPage(
  { id, since, until, after }: PastPage,
  began: Expression<number>,
  name: Expression<string>,
): Expression<SqlBool> {
  const is = expressionBuilder<Tables>()
  return is.and([
    ...(id === undefined ? [] : [is(name, '=', id)]),
    ...(since === undefined ? [] : [is(began, '>=', since)]),
    ...(until === undefined ? [] : [is(began, '<', until)]),
    ...(after === undefined
      ? []
      : [is.or([is(began, '<', after.at), is.and([is(began, '=', after.at), is(name, '<', after.id)])])]),
  ])
}

/** Keeps mitigations that are over; one that is kept already is kept as it is now. */
export async function savePastMitigations(
  transaction: Transaction<Tables>,
  mitigations: readonly Mitigation[],
): Promise<void> {
  if (mitigations.length === 0) return
  const rows = mitigations.map(mitigation => ({
    id: mitigation.id,
    attack_id: mitigation.attackId,
    created_at: Math.floor(mitigation.createdAt),
    at: Math.floor('endedAt' in mitigation ? mitigation.endedAt : mitigation.expiresAt),
    body: JSON.stringify(mitigation),
  }))
  await transaction
    .insertInto('past_mitigations')
    .values(rows)
    .onConflict(conflict =>
      conflict
        .column('id')
        .doUpdateSet(({ ref }) => ({ at: ref('excluded.at'), body: ref('excluded.body') })),
    )
    .execute()
}

/** Mitigations that are over, those that began last first. A row that cannot be read is left out. */
export async function readPastMitigations(database: Kysely<Tables>, page: PastPage): Promise<Mitigation[]> {
  const { attackIds, limit } = page
  let query = database
    .selectFrom('past_mitigations')
    .select('body')
    .where(({ ref }) => isOnPage(page, ref('created_at'), ref('id')))
  if (attackIds !== undefined) query = query.where('attack_id', 'in', [...attackIds, ''])
  const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.flatMap(({ body }) => {
    const read = readBody(body, pastMitigationSchema)
    return read.kind === 'read' ? [read.value] : []
  })
}
