import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import type { Change } from './change.ts'
import { MIGRATIONS, migrate } from './migrate.ts'
import { migration0001 } from './migrations/0001-bans-mitigations-audit.ts'
import { queriesOf } from './sqlite.ts'
import { openStateFile } from './state-file.ts'

const CLOCKS = { boot: 'a', uptimeSeconds: 1000, wallMs: Date.UTC(2026, 0, 15, 12) }

const hour = (scope: string, number: number, ...bytes: number[]): Change => ({
  ...{ kind: 'hour', scope, hour: number },
  body: Uint8Array.from(bytes),
})

async function opened(t: TestContext, directory: string) {
  const state = await openStateFile({ directory, clocks: () => CLOCKS })
  t.after(() => state.file.close())
  return state
}

/** What the program of schema 1 does to the file when it starts, and then something of its own. */
async function runVersionOne(directory: string, sql: string) {
  const database = new DatabaseSync(join(directory, 'state.db'))
  const queries = queriesOf(database)
  const migrated = await migrate(queries, 1, [migration0001])
  database.exec(sql)
  await queries.destroy()
  return migrated
}

test('hours come back byte by byte, newest first; the same hour is replaced, another scope is another hour', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  const all = Array.from({ length: 256 }, (_, byte) => byte)
  await file.write([
    hour('global', 7, 1),
    hour('192.0.2.0/24', 7, ...all),
    hour('global', 8),
    hour('global', 9, 9),
  ])
  await file.write([hour('global', 7, 2, 3), { kind: 'hour-gone', scope: 'global', hour: 9 }])
  await file.close()

  const { kept, setAside } = await opened(t, directory)

  const told = kept.hours.map(each => `${each.hour} ${each.scope} ${[...each.body].join(',')}`)
  assert.deepEqual(
    told.toSorted(),
    [`7 192.0.2.0/24 ${all.join(',')}`, '7 global 2,3', '8 global '].toSorted(),
  )
  assert.equal(kept.hours[0]?.hour, 8)
  assert.deepEqual(setAside, [])
})

test('a file of schema 1 is brought to this one, the program of then leaves it alone, and hours stay', async t => {
  const directory = temporaryFolder(t)
  const insert = (key: string) => `INSERT INTO learned (key, value) VALUES ('${key}', '1')`
  assert.deepEqual(await runVersionOne(directory, insert('before')), { kind: 'ready', version: 1 })

  const { file, kept } = await opened(t, directory)
  assert.deepEqual([kept.hours, [...kept.learned.keys()]], [[], ['before']])
  await file.write([hour('global', 7, 1)])
  await file.close()

  assert.deepEqual(await runVersionOne(directory, 'SELECT 1'), {
    kind: 'too-new',
    version: MIGRATIONS.length,
    minimumReader: 5,
  })

  const again = await opened(t, directory)
  assert.deepEqual([...again.kept.learned.keys()], ['before'])
  assert.deepEqual(
    again.kept.hours.map(({ scope, hour: at, body }) => [scope, at, ...body]),
    [['global', 7, 1]],
  )
})

test('rows that are no hours, and bodies without end, are not read', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([hour('global', 7, 1)])
  await file.close()
  const raw = new DatabaseSync(join(directory, 'state.db'))
  raw.exec(`INSERT INTO limit_samples VALUES ('global', 8, 'text'), ('global', 'noon', x'01'),
    ('global', 9.5, x'01'), ('global', 10, zeroblob(65537))`)
  raw.close()

  const { kept } = await opened(t, directory)

  assert.deepEqual(
    kept.hours.map(each => each.hour),
    [7],
  )
})
