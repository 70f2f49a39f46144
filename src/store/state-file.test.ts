import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { readHeadFile } from './audit-head.ts'
import type { Change } from './change.ts'
import { MIGRATIONS } from './migrate.ts'
import { type Opened, openStateFile } from './state-file.ts'
import { attack, audit, CLOCKS, MITIGATION, type Opening, WALL } from './state-fixtures-for-tests.ts'
import { testState } from './state-suite-for-tests.ts'
import { verifyAudit } from './verify-audit.ts'

async function opened(t: TestContext, directory: string, changes: Opening = {}): Promise<Opened> {
  const { clocks = CLOCKS, ...more } = changes
  const state = await openStateFile({ directory, clocks: () => clocks, ...more })
  t.after(() => state.file.close())
  return state
}

testState('SQLite', async t => {
  const directory = temporaryFolder(t)
  return { open: opening => opened(t, directory, opening) }
})

test('a transaction is on the disk when it ends, and only this user and his group may read the file', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)

  const { rows } = await sql`pragma synchronous`.execute(file.queries)

  assert.deepEqual({ ...Object(rows[0]) }, { synchronous: 2 })
  assert.equal(statSync(join(directory, 'state.db')).mode & 0o777, 0o640)
})

test('the newest entry is written down beside the file, and a state begun anew goes on from there', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([audit(1), audit(2)])
  await file.close()
  rmSync(join(directory, 'state.db'))

  const { file: anew } = await opened(t, directory)
  await anew.write([audit(3)])

  const verdict = await verifyAudit(anew.queries, readHeadFile(directory, 'sqlite'))
  assert.ok(verdict.kind === 'intact')
  assert.deepEqual([verdict.entries, verdict.first?.sequence, verdict.checkpoint?.sequence], [1, 3, 2])
})

test('a process that is killed in the middle loses nothing that was written', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([attack('a')])
  // Its files as they are now, without any end of the process that holds them.
  const copy = temporaryFolder(t)
  for (const name of readdirSync(directory))
    writeFileSync(join(copy, name), readFileSync(join(directory, name)))

  const { kept } = await opened(t, copy)

  assert.equal(kept.attacks.length, 1)
})

test('what a long log holds comes to the tables between two writes, and what a short one holds stays there', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  const bytes = () => statSync(join(directory, 'state.db')).size
  const before = bytes()

  await file.write([audit(1)])
  file.foldLog()
  assert.equal(bytes(), before)

  await file.write(Array.from({ length: 2000 }, (_, at) => audit(at + 2, { reason: 'x'.repeat(500) })))
  assert.equal(bytes(), before)
  file.foldLog()
  // The tables alone, without their log.
  const copy = temporaryFolder(t)
  writeFileSync(join(copy, 'state.db'), readFileSync(join(directory, 'state.db')))
  const verdict = await verifyAudit((await opened(t, copy)).file.queries, undefined)
  assert.ok(verdict.kind === 'intact')
  assert.equal(verdict.entries, 2001)
})

test('a row that cannot be read is set aside and costs no other row', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([attack('a'), attack('b'), attack('c'), { kind: 'mitigation', mitigation: MITIGATION }])
  await file.close()
  const raw = new DatabaseSync(join(directory, 'state.db'))
  raw.exec(`UPDATE attacks SET body = '{"id": ' WHERE id = 'a'`)
  raw.exec(`UPDATE attacks SET body = json_remove(body, '$.host') WHERE id = 'b'`)
  raw.exec(`UPDATE mitigations SET body = json_set(body, '$.action.kind', 'teleport')`)
  raw.close()

  const first = await opened(t, directory)
  assert.deepEqual(
    first.kept.attacks.map(({ attack: { id } }) => id),
    ['c'],
  )
  assert.deepEqual(first.kept.mitigations, [])
  assert.equal(first.setAside.length, 3)
  assert.match(first.setAside[1]!.text, /^attacks b: .*host/)
  await first.file.close()

  const second = await opened(t, directory)
  assert.deepEqual(second.setAside, [])
  await second.file.close()
  const kept = new DatabaseSync(join(directory, 'state.db'))
  assert.equal(kept.prepare('SELECT count(*) AS n FROM set_aside').get()?.['n'], 3)
  kept.close()
})

for (const [what, spoil] of [
  ['no database', () => Buffer.from('this is not a database, whatever its name says'.repeat(100))],
  ['cut in half', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ['overwritten in the middle', (whole: Buffer) => whole.fill(0xff, 5000, whole.length - 3000)],
] as const) {
  test(`a file that is ${what} is moved aside, and a new one is begun`, async t => {
    const directory = temporaryFolder(t)
    const { file } = await opened(t, directory)
    await file.write(Array.from({ length: 50 }, (_, at) => attack(`a${at}`)))
    await file.close()
    const path = join(directory, 'state.db')
    writeFileSync(path, spoil(readFileSync(path)))

    const next = await opened(t, directory)
    await next.file.write([attack('new')])
    await next.file.close()

    assert.match(
      next.replaced ?? '',
      /state\.db was broken .* and is now .*state\.db\.broken-2026-01-15T12-00-00-000Z$/,
    )
    assert.ok(existsSync(join(directory, 'state.db.broken-2026-01-15T12-00-00-000Z')))
    assert.deepEqual(
      (await opened(t, directory)).kept.attacks.map(({ attack: { id } }) => id),
      ['new'],
    )
  })
}

test('what can still be read of a broken file goes on', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([
    attack('a'),
    { kind: 'mitigation', mitigation: MITIGATION },
    ...Array.from({ length: 400 }, (_, at): Change => audit(at)),
  ])
  await file.close()
  const path = join(directory, 'state.db')
  const whole = readFileSync(path)
  writeFileSync(path, whole.fill(0xff, whole.length - 8192))

  const { kept, replaced } = await opened(t, directory)

  assert.ok(replaced)
  assert.deepEqual(
    kept.attacks.map(({ attack: { id } }) => id),
    ['a'],
  )
  assert.deepEqual(kept.mitigations, [MITIGATION])
})

test('of broken files only the newest are kept', async t => {
  const directory = temporaryFolder(t)
  for (let hour = 0; hour < 5; hour++) {
    writeFileSync(
      join(directory, 'state.db'),
      'no database at all, in as many words as a header needs'.repeat(50),
    )
    const { file } = await opened(t, directory, { clocks: { ...CLOCKS, wallMs: WALL + hour * 3_600_000 } })
    await file.close()
  }

  const broken = readdirSync(directory).filter(name => name.includes('broken'))
  assert.deepEqual(
    broken.map(name => name.match(/T(\d\d)/)?.[1]),
    ['14', '15', '16'],
  )
})

test('a directory that cannot be written says so, and nothing is moved', async t => {
  // Nothing can be written below a file, not even by root.
  const directory = join(temporaryFolder(t), 'file')
  writeFileSync(directory, 'as it was')

  await assert.rejects(opened(t, directory), /unable to open database file/)
  assert.equal(readFileSync(directory, 'utf8'), 'as it was')
})

test('a row in which a later version says more, or says it in new words, keeps its ban', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([attack('a')])
  await file.close()
  const raw = new DatabaseSync(join(directory, 'state.db'))
  raw.exec(`UPDATE attacks SET body = json_set(body, '$.type', 'quic_flood', '$.crossing.limit', 'quic-packets',
    '$.speeds', 'gone', '$.mood', 'grim')`)
  raw.close()

  const { kept, setAside } = await opened(t, directory)

  assert.deepEqual(setAside, [])
  const [read] = kept.attacks
  assert.equal(read!.attack.host, '192.0.2.1')
  assert.equal(read!.attack.type, 'unknown')
  assert.equal(read!.attack.crossing, undefined)
  assert.equal(read!.attack.speeds.incoming.packets, 0)
})

test('the numbers of migrations have no gap, and none asks for a later reader than itself', () => {
  for (const [at, { version, minimumReader }] of MIGRATIONS.entries()) {
    assert.equal(version, at + 1)
    assert.ok(minimumReader <= version)
  }
})
