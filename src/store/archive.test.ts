// Backups of a state and what may become of them before they are restored.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { readHeadFile } from './audit-head.ts'
import type { Change } from './change.ts'
import { checkArchive } from './read-archive.ts'
import { restoreState } from './restore.ts'
import { withCopy } from './snapshot.ts'
import { openStateFile } from './state-file.ts'
import { attack, audit, CLOCKS, entry, event, MITIGATION, WALL } from './state-fixtures-for-tests.ts'
import { verifyAudit } from './verify-audit.ts'
import { writeArchive } from './write-archive.ts'

const CONFIG = { file: '/etc/floodwarden.yaml', text: 'networks: [192.0.2.0/24] # ours\n' }
const NOTE = entry(WALL + 1, { what: 'restore', target: 'state', attackId: '' })

async function opened(t: TestContext, directory: string) {
  const state = await openStateFile({ directory, clocks: () => CLOCKS })
  t.after(() => state.file.close())
  return state
}

async function saved(t: TestContext, changes: readonly Change[]) {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write(changes)
  const path = join(temporaryFolder(t), 'backup.gz')
  const save = (to = path) =>
    withCopy(file, directory, queries =>
      writeArchive({ queries, backEnd: 'sqlite', path: to, config: CONFIG, wallMs: WALL }),
    )
  return { directory, file, path, save, done: await save() }
}

const MANY: readonly Change[] = [
  ...Array.from({ length: 1201 }, (_, at) => audit(WALL + at)),
  ...Array.from({ length: 700 }, (_, at): Change => ({ kind: 'event', event: event(`e${at}`) })),
  ...Array.from(
    { length: 600 },
    (_, at): Change => ({
      ...{ kind: 'hour', scope: 'global', hour: at },
      body: Uint8Array.from([at & 255, 0, 255]),
    }),
  ),
  ...[attack('a'), attack('b')],
  { kind: 'mitigation', mitigation: MITIGATION },
  { kind: 'learned', key: 'limits', value: { x: ['\u0000', '\u{1F600}'] } },
]

test('a backup holds everything and the configuration, and only its owner may read it', async t => {
  const { path, done, directory } = await saved(t, MANY)

  const { head, config, rows } = await checkArchive(path)

  assert.deepEqual([rows, config], [done.rows, CONFIG])
  assert.deepEqual([head.backEnd, head.at], ['sqlite', new Date(WALL).toISOString()])
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(directory).filter(name => name.startsWith('.backup')),
    [],
  )
})

test('what is restored is what was saved: bans, audit with its chain, events, hours, and numbers count on', async t => {
  const { path } = await saved(t, MANY)
  const directory = temporaryFolder(t)

  await restoreState({ directory }, path, NOTE)

  const { file, kept, setAside } = await opened(t, directory)
  assert.deepEqual(setAside, [])
  assert.deepEqual(
    kept.attacks.map(({ attack: { id } }) => id),
    ['a', 'b'],
  )
  assert.deepEqual(kept.mitigations, [MITIGATION])
  assert.deepEqual(kept.learned.get('limits'), { x: ['\u0000', '\u{1F600}'] })
  assert.equal(kept.hours.length, 600)
  assert.deepEqual([...(kept.hours.at(-2)?.body ?? [])], [1, 0, 255])
  assert.deepEqual(kept.audit.at(-1), NOTE)
  await file.write([{ kind: 'event', event: event('next') }, audit(1)])
  const verdict = await verifyAudit(file.queries, readHeadFile(directory, 'sqlite'))
  assert.ok(verdict.kind === 'intact' && verdict.entries === 1203)
})

test('the state of before stays under another name, and nothing of its log gets into the new one', async t => {
  const { path } = await saved(t, [attack('saved')])
  const directory = temporaryFolder(t)
  const before = await opened(t, directory)
  await before.file.write([attack('before')])
  // As after a kill: the log holds what the file does not have yet.
  for (const name of ['state.db', 'state.db-wal']) {
    writeFileSync(join(directory, `copy-${name}`), readFileSync(join(directory, name)))
  }
  await before.file.close()
  for (const name of ['state.db', 'state.db-wal'])
    writeFileSync(join(directory, name), readFileSync(join(directory, `copy-${name}`)))

  const { before: aside } = await restoreState({ directory }, path, NOTE)

  const idsIn = async (folder: string) =>
    (await opened(t, folder)).kept.attacks.map(({ attack: { id } }) => id)
  assert.deepEqual(await idsIn(directory), ['saved'])
  const old = temporaryFolder(t)
  writeFileSync(join(old, 'state.db'), readFileSync(aside ?? ''))
  assert.deepEqual(await idsIn(old), ['before'])
})

test('of states that were replaced only the newest three stay', async t => {
  const { path } = await saved(t, [attack('saved')])
  const directory = temporaryFolder(t)
  for (let hour = 0; hour < 6; hour++)
    await restoreState({ directory }, path, { ...NOTE, at: WALL + hour * 3_600_000 })

  const left = readdirSync(directory).filter(name => name.includes('before'))

  assert.deepEqual(
    left.map(name => name.match(/T(\d\d)/)?.[1]),
    ['15', '16', '17'],
  )
})

test('a backup while writes go on is the state of one moment, and holds nobody up', async t => {
  const { file, save, path } = await saved(t, MANY)
  let isDone = false
  const other = `${path}-2`
  const saving = save(other).finally(() => {
    isDone = true
  })
  let writes = 0
  let slowestMs = 0
  while (!isDone) {
    const began = performance.now()
    await file.write([audit(writes), { kind: 'event', event: event(`w${writes}`) }])
    slowestMs = Math.max(slowestMs, performance.now() - began)
    writes++
    await new Promise(resolve => setImmediate(resolve))
  }
  await saving

  const directory = temporaryFolder(t)
  await restoreState({ directory }, other, NOTE)
  const restored = await opened(t, directory)

  assert.ok(writes > 3, `${writes} writes`)
  assert.ok(slowestMs < 10_000, `${slowestMs} ms`)
  assert.equal((await verifyAudit(restored.file.queries, undefined)).kind, 'intact')
})

test('a backup that is asked for in the middle of a write begins when that has ended', async t => {
  const { file, save, path, done } = await saved(t, [attack('a'), audit(1)])
  const other = `${path}-2`
  let saving: Promise<unknown> = Promise.resolve()

  await file.queries.transaction().execute(async transaction => {
    await sql`update audit set reason = reason`.execute(transaction)
    saving = save(other)
    for (let turns = 0; turns < 200; turns++) await new Promise(resolve => setImmediate(resolve))
  })
  await saving

  assert.deepEqual((await checkArchive(other)).rows, done.rows)
})

test('a file that is there is never written over', async t => {
  const { save, path } = await saved(t, [attack('a')])
  const before = readFileSync(path)

  await assert.rejects(save(), { code: 'EEXIST' })

  assert.deepEqual(readFileSync(path), before)
  assert.deepEqual(readdirSync(join(path, '..')), ['backup.gz'])
})

const linesOf = (path: string) => gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')

for (const [what, spoil, problem] of [
  ['cut short', (path: string) => readFileSync(path).subarray(0, -20), /unexpected end|its end is missing/],
  ['no archive', () => Buffer.from('hello'), /incorrect header/],
  ['changed in one byte', (path: string) => changed(path), /is broken/],
  [
    'missing a row',
    (path: string) => gzipped(linesOf(path).filter((_, at) => at !== 3)),
    /should have \d+ rows and has \d+/,
  ],
  [
    'holding another row',
    (path: string) => gzipped(linesOf(path).map(line => line.replace('192.0.2.1', '192.0.2.2'))),
    /its checksum is another/,
  ],
  [
    'holding a row of no table',
    (path: string) => gzipped(linesOf(path).toSpliced(2, 0, '{"table":"users","cells":["x"]}')),
    /row \d+ is none of ours/,
  ],
  [
    'of a newer version',
    (path: string) => gzipped(linesOf(path).map(line => line.replace(/"schema":\d+/, '"schema":99'))),
    /was made by Floodwarden .* with schema 99, and this one knows schema \d+: restore it with/,
  ],
] as const) {
  test(`an archive that is ${what} is refused before anything is touched`, async t => {
    const { path } = await saved(t, MANY)
    writeFileSync(path, spoil(path))

    await assert.rejects(checkArchive(path), problem)
  })
}

const gzipped = (lines: readonly string[]) => gzipSync(`${lines.join('\n')}\n`)

function changed(path: string): Buffer {
  const bytes = readFileSync(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10
  return bytes
}

test('a restore that fails in the middle leaves the state as it was', async t => {
  const { path } = await saved(t, [attack('saved'), audit(1)])
  const lines = linesOf(path)
  // Twice the same key: the database refuses the second one, after others went in.
  const doubled = lines.flatMap(line => (line.includes('"audit_chain"') ? [line, line] : [line]))
  writeFileSync(path, gzipped(doubled))
  const directory = temporaryFolder(t)
  const before = await opened(t, directory)
  await before.file.write([attack('before')])
  await before.file.close()

  await assert.rejects(restoreState({ directory }, path, NOTE), /UNIQUE/)

  const { kept } = await opened(t, directory)
  assert.deepEqual(
    kept.attacks.map(({ attack: { id } }) => id),
    ['before'],
  )
  assert.ok(!existsSync(join(directory, 'state.db.restoring')))
})

test('a state of another schema is not saved, with what to do', async t => {
  const { file, directory, path } = await saved(t, [attack('a')])
  await sql`insert into schema_version (version, minimum_reader, applied_at) values (99, 1, 0)`.execute(
    file.queries,
  )
  rmSync(path)

  const saving = withCopy(file, directory, queries =>
    writeArchive({ queries, backEnd: 'sqlite', path, config: undefined, wallMs: WALL }),
  )

  await assert.rejects(saving, /schema 99 .* save it with the version that wrote it/)
  assert.ok(!existsSync(path))
})
