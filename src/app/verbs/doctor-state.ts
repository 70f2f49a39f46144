// What doctor looks at when the state is in PostgreSQL: whether it answers, and whether what it answers is on its disk.

import { sql } from 'kysely'
import type { PostgresPlace } from '#store/change.ts'
import { connectPostgres } from '#store/postgres.ts'
import type { Finding } from './doctor.ts'

const NAME = 'state'

/** Nothing is locked or changed: a daemon may be using it. */
export async function databaseFindings(postgres: PostgresPlace | undefined): Promise<Finding[]> {
  if (postgres === undefined) return []
  try {
    const connection = await connectPostgres(postgres, false)
    try {
      const { rows } = await sql<{ version: string; fsync: string; can_create: boolean }>`
        select current_setting('server_version') as version, current_setting('fsync') as fsync,
          has_schema_privilege(current_schema(), 'create') as can_create`.execute(connection.queries)
      return rows.map(findingOf)
    } finally {
      await connection.close()
    }
  } catch (error) {
    const detail = `the database does not answer: ${error instanceof Error ? error.message : String(error)}`
    const remedy =
      'detection works without it, but bans do not survive a restart: check store.postgres and the server'
    return [{ name: NAME, verdict: 'bad', detail, remedy }]
  }
}

interface Facts {
  readonly version: string
  readonly fsync: string
  readonly can_create: boolean
}

function findingOf({ version, fsync, can_create: mayCreate }: Facts): Finding {
  const detail = `PostgreSQL ${version} answers`
  if (!mayCreate) {
    const remedy = 'make the user the owner of the database, or grant it CREATE on the schema'
    return {
      name: NAME,
      verdict: 'bad',
      detail: `${detail}, and this user may not make tables in it`,
      remedy,
    }
  }
  if (fsync !== 'on') {
    const remedy = 'set fsync = on: with a power cut even what was acknowledged is lost'
    return { name: NAME, verdict: 'warning', detail: `${detail}, with fsync = ${fsync}`, remedy }
  }
  return { name: NAME, verdict: 'ok', detail }
}
