// The state in a real PostgreSQL: everything it must do in a file too, and what only a database does.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { databaseFindings } from '#app/verbs/doctor-state.ts'
import { SILENT } from '#lib/log/logger.ts'
import { DEFAULT_STORE } from '#store/config.ts'
import { DiskStore } from '#store/disk-store.ts'
import { HeldError } from '#store/postgres.ts'
import { openStateDatabase } from '#store/state-database.ts'
import { attack, audit, CLOCKS, entry, type Opening } from '#store/state-fixtures-for-tests.ts'
import { testState } from '#store/state-suite-for-tests.ts'
import { verifyAudit } from '#store/verify-audit.ts'
import { PostgresServer, postgresFor } from '../postgres-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

/** One server for all tests of this file. */
let shared: Promise<PostgresServer | undefined> | undefined
after(async () => (await shared)?.remove())

async function serverFor(t: TestContext): Promise<PostgresServer | undefined> {
  shared ??= PostgresServer.begin()
  return (await shared) ?? (await postgresFor(t))
}

async function placeFor(t: TestContext) {
  const server = await serverFor(t)
  if (server === undefined) return undefined
  const directory = temporaryFolder(t)
  const url = await server.database()
  const open = async ({ clocks = CLOCKS, ...more }: Opening = {}) => {
    const state = await openStateDatabase({ directory, postgres: { url }, clocks: () => clocks, ...more })
    t.after(() => state.file.close())
    return state
  }
  return { server, url, directory, open }
}

testState('PostgreSQL', placeFor)

test('a second daemon on the same database is refused with who has it, and may come when that one is gone', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  const first = await place.open()

  await assert.rejects(place.open(), (error: unknown) => {
    assert.ok(error instanceof HeldError)
    assert.match(
      error.message,
      /^another daemon \(floodwarden on .*, process \d+\) uses this database; stop it/,
    )
    return true
  })

  await first.file.close()
  await (await place.open()).file.write([attack('a')])
})

test('what is answered is on the disk: commits are synchronous, whatever the server does by default', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  await place.server.query('postgres', 'alter system set synchronous_commit = off')
  t.after(() => place.server.query('postgres', 'alter system reset synchronous_commit'))
  await place.server.query('postgres', 'select pg_reload_conf()')

  const { file } = await place.open()

  const { rows } = await sql`show synchronous_commit`.execute(file.queries)
  assert.deepEqual(rows, [{ synchronous_commit: 'on' }])
})

test('doctor tells of a database that answers, of one without fsync, of a user without rights, and of none', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  const { server, url } = place
  const told = async (address: string) => {
    const [finding] = await databaseFindings({ url: address })
    return `${finding?.verdict}: ${finding?.detail}`
  }
  await server.query(url, 'create role guest login; revoke create on schema public from public')

  assert.match(await told(url), /^ok: PostgreSQL \d+\.\d+.* answers$/)
  assert.match(await told(url.replace('floodwarden@', 'guest@')), /^bad: .* may not make tables in it$/)
  assert.match(
    await told(server.urlOf('nowhere')),
    /^bad: the database does not answer: PostgreSQL: .*"nowhere" does not exist/,
  )
  assert.deepEqual(await databaseFindings(undefined), [])
  await server.query('postgres', 'alter system set fsync = off')
  t.after(async () => {
    await server.query('postgres', 'alter system reset fsync')
    await server.query('postgres', 'select pg_reload_conf()')
  })
  await server.query('postgres', 'select pg_reload_conf()')
  await until(async () => !(await told(url)).startsWith('ok'))
  assert.match(await told(url), /^warning: .*, with fsync = off$/)
})

test('tables of the same names in another schema are not ours', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  await place.server.query(place.url, 'create schema other; create table other.schema_version (version int)')

  const { file } = await place.open()
  await file.write([audit(1)])

  assert.equal((await verifyAudit(file.queries, undefined)).kind, 'intact')
})

test('an empty database in the place of the one before is noticed, and everything is told again', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  const told: string[] = []
  const store = new DiskStore({
    ...{ directory: place.directory, postgres: { url: place.url }, retention: DEFAULT_STORE.retention },
    ...{
      log: SILENT,
      retryMs: 50,
      openWaitMs: 60_000,
      found: () => told.push('found'),
      lost: () => told.push('lost'),
    },
  })
  t.after(() => store.close(30_000))
  await store.open()
  store.record(entry(1))
  assert.equal(await store.onDisk(30_000), true)

  const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'floodwarden%'`
  await place.server.query(place.url, `${end}; drop schema public cascade; create schema public`)
  store.record(entry(2))

  assert.equal(await store.onDisk(30_000), true)
  assert.deepEqual(told, ['found', 'lost'])
})

test('a connection that is cut in the middle of writes costs nothing and doubles nothing', {
  timeout: 240_000,
}, async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  const store = new DiskStore({
    ...{ directory: place.directory, postgres: { url: place.url }, retention: DEFAULT_STORE.retention },
    ...{
      log: SILENT,
      retryMs: 20,
      openWaitMs: 60_000,
      found: () => {},
      lost: () => assert.fail('nothing was lost'),
    },
  })
  t.after(() => store.close(30_000))
  await store.open()
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'floodwarden%'`

  for (let round = 0; round < 10; round++) {
    for (let at = 0; at < 300; at++) store.record(entry(round * 300 + at))
    await sleep(15 + round * 2)
    await place.server.query(place.url, end)
  }

  assert.equal(await store.onDisk(20_000), true)
  // What was cut after the last write is noticed within some seconds.
  const answered = async () => await store.ask('audit', { limit: 5000 }).catch(() => undefined)
  let entries = await answered()
  for (let tries = 0; entries === undefined && tries < 100; tries++) {
    await sleep(100)
    entries = await answered()
  }
  assert.deepEqual(
    (entries ?? []).map(stored => stored.entry.at).toReversed(),
    Array.from({ length: 3000 }, (_, at) => at),
  )
  assert.equal((await store.ask('verify', undefined)).kind, 'intact')
})

test('a server that hangs is given up after a while, and does not keep us from going', async t => {
  const place = await placeFor(t)
  if (place === undefined) return
  const options = {
    directory: place.directory,
    postgres: { url: place.url },
    clocks: () => CLOCKS,
    answerMs: 1500,
  }
  const { file } = await openStateDatabase(options)
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(file.queries)
  const pid = rows[0]!.pid
  process.kill(pid, 'SIGSTOP')
  t.after(() => process.kill(pid, 'SIGCONT'))
  const began = performance.now()

  await assert.rejects(file.write([attack('a')]), /timeout/i)
  await file.close()

  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds < 15, `${seconds} s`)
})
