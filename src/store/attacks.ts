// Attacks on disk: open ones, and ended ones for which something is still held.

import type { Kysely, Transaction } from 'kysely'
import type { KeptAttack } from '#4-detection/attack-store.ts'
import { attackSchema } from './attack-schema.ts'
import { ageSeconds, type Clocks } from './ban-age.ts'
import type { Change } from './change.ts'
import { readBody, type UnreadableRow } from './set-aside.ts'
import type { Tables } from './tables.ts'

export async function saveAttacks(
  transaction: Transaction<Tables>,
  changes: readonly Extract<Change, { kind: 'attack' }>[],
  boot: string,
): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ attack, openedUptimeSeconds }) => ({
    id: attack.id,
    state: attack.state,
    host: attack.host,
    opened_at: Math.floor(attack.openedAt),
    boot,
    opened_uptime: openedUptimeSeconds,
    body: JSON.stringify(attack),
  }))
  await transaction
    .insertInto('attacks')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        state: ref('excluded.state'),
        boot: ref('excluded.boot'),
        opened_uptime: ref('excluded.opened_uptime'),
        body: ref('excluded.body'),
      })),
    )
    .execute()
}

export async function deleteAttacks(transaction: Transaction<Tables>, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await transaction.deleteFrom('attacks').where('id', 'in', ids).execute()
}

/** All of them, oldest first, with their ages, and the rows that cannot be read. */
export async function readAttacks(database: Kysely<Tables>, now: Clocks, lastAlive: Clocks | undefined) {
  const rows = await database
    .selectFrom('attacks')
    .select(['id', 'boot', 'opened_uptime', 'body'])
    .orderBy('opened_at')
    .execute()
  const attacks: KeptAttack[] = []
  const unreadable: UnreadableRow[] = []
  for (const { id, body, boot, opened_uptime: openedUptimeSeconds } of rows) {
    const read = readBody(body, attackSchema)
    if (read.kind === 'unreadable') unreadable.push({ aggregate: 'attacks', id, body, problem: read.problem })
    else {
      const { openedAt } = read.value
      const age = ageSeconds({ openedAt, boot, openedUptimeSeconds }, now, lastAlive)
      attacks.push({ attack: read.value, ageSeconds: age })
    }
  }
  return { attacks, unreadable }
}
