// One connection to PostgreSQL in the form in which Kysely's dialect asks for a pool, and the lock that makes its holder
// the only one who writes.
//
// The lock belongs to the connection: when that is gone, so is the lock, and whoever comes next must take it again before
// he writes. So there is never more than one connection that writes, and no pool.

import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely'
import type { Client, QueryConfig } from 'pg'
import type { PostgresPlace } from './change.ts'
import type { Tables } from './tables.ts'

export const CONNECT_MS = 5000
/** An answer that takes longer never comes: the connection is given up. Migrations and reading back are within it. */
const ANSWER_MS = 30_000
const END_MS = 500
/** Key of our advisory lock: the letters `flwd` and the number of the thing that is locked. */
const LOCK = [0x666c7764, 1] as const
/** OID of int8, which comes as text because it may be beyond 2^53; ours never are. */
const INT8 = 20

/** Another daemon uses the database. */
export class HeldError extends Error {}

export interface PostgresConnection {
  readonly queries: Kysely<Tables>
  /** The connection is gone, and the lock with it. */
  readonly isLost: () => boolean
  close(): Promise<void>
}

/** Connects; with `isWriter` it takes the lock, and throws `HeldError` when another has it. Throws what `pg` throws. */
export async function connectPostgres(
  place: PostgresPlace,
  isWriter: boolean,
  answerMs: number = ANSWER_MS,
): Promise<PostgresConnection> {
  const connectionString = addressOf(place, process.env)
  // Loaded only here: whoever keeps his state in a file does not pay for it.
  const { default: pg } = await import('pg')
  const socket = new Socket()
  const client = new pg.Client({
    connectionString,
    application_name: `floodwarden on ${hostname().slice(0, 30)}, process ${process.pid}`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: answerMs,
    keepAlive: true,
    stream: () => socket,
    types: {
      getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  let isLost = false
  client.on('error', () => {
    isLost = true
  })
  client.on('end', () => {
    isLost = true
  })
  try {
    await client.connect()
  } catch (error) {
    socket.destroy()
    throw new Error(postgresWords(error), { cause: error })
  }
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new OneClient(client) }) })
  const close = async () => {
    isLost = true
    const ending = client.end().catch(() => {})
    // A server that hangs does not hear that we go.
    await Promise.race([ending, sleep(END_MS)])
    socket.destroy()
  }
  try {
    await settle(queries, isWriter)
  } catch (error) {
    await close()
    throw error
  }
  return { queries, isLost: () => isLost, close }
}

/** What went wrong, with who says so; no error of theirs tells a password. */
export function postgresWords(error: unknown): string {
  // Several addresses of one name were tried: what each said.
  const told = error instanceof AggregateError ? error.errors : [error]
  const words = told.map(each => (each instanceof Error ? each.message : String(each)))
  return `PostgreSQL: ${words.join('; ')}`
}

/** The address; read anew for each connection, so that a changed password needs no restart. Throws with what to do. */
export function addressOf(place: PostgresPlace, environment: NodeJS.ProcessEnv): string {
  if (place.urlFile !== undefined) return readFileSync(place.urlFile, 'utf8').trim()
  if (place.urlEnv === undefined) return place.url ?? ''
  const address = environment[place.urlEnv]
  if (address === undefined || address === '')
    throw new Error(`the environment variable ${place.urlEnv} that store.postgres.urlEnv names is not set`)
  return address
}

async function settle(queries: Kysely<Tables>, isWriter: boolean): Promise<void> {
  if (!isWriter) return
  // What is answered is on the disk, whatever the server does by default. A connection whose other end is gone without a
  // word must not keep the lock for hours.
  await sql`select set_config('synchronous_commit', 'on', false),
    set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '3', false)`.execute(queries)
  const [first, second] = LOCK
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_lock(${first}::int, ${second}::int) as taken`.execute(queries)
  if (rows[0]?.taken !== true) throw new HeldError(await holderText(queries))
}

async function holderText(queries: Kysely<Tables>): Promise<string> {
  const [first, second] = LOCK
  const { rows } = await sql<{ who: string | null }>`
    select a.application_name || coalesce(', ' || host(a.client_addr), '') as who
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and l.classid::bigint = ${first} and l.objid::bigint = ${second}
      and l.database = (select oid from pg_database where datname = current_database())`.execute(queries)
  const who = rows[0]?.who ?? ''
  return (
    `another daemon${who === '' ? '' : ` (${who})`} uses this database; ` +
    'stop it, or give this one a database of its own with store.postgres'
  )
}

/** Statements that the server keeps ready for a connection; further ones are read and planned each time. */
const READY_MAX = 500
/** What gives no rows back stays right when a table gets another column. */
const MAY_BE_KEPT = /^(?:insert|delete) /

/** One after the other: a transaction has the connection to itself. */
class OneClient implements PostgresPool {
  readonly #client: Client
  #free: Promise<void> = Promise.resolve()
  /** Names of statements that are kept ready, by their text. */
  readonly #ready = new Map<string, string>()

  constructor(client: Client) {
    this.#client = client
  }

  async connect(): Promise<PostgresPoolClient> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#free
    this.#free = promise
    await before
    // Kysely's word for what the client of pg does; its overloads say more than that.
    const query = this.#client.query.bind(this.#client) as (asked: QueryConfig) => Promise<unknown>
    const ask = (text: unknown, values: readonly unknown[] = []): unknown =>
      query({ ...this.#named(String(text)), text: String(text), values: [...values] })
    return { query: ask as PostgresPoolClient['query'], release: resolve }
  }

  #named(text: string): { readonly name?: string } {
    if (!MAY_BE_KEPT.test(text)) return {}
    const known = this.#ready.get(text)
    if (known !== undefined) return { name: known }
    if (this.#ready.size === READY_MAX) return {}
    const name = `floodwarden ${this.#ready.size}`
    this.#ready.set(text, name)
    return { name }
  }

  async end(): Promise<void> {
    await this.#client.end()
  }
}
