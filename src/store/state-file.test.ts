import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import type { Clocks } from './ban-age.ts'
import type { Change } from './change.ts'
import { MIGRATIONS, type Migration } from './migrate.ts'
import { type Opened, openStateFile, TooNewError } from './state-file.ts'

const WALL = Date.UTC(2026, 0, 15, 12)
const CLOCKS: Clocks = { boot: 'a', uptimeSeconds: 1000, wallMs: WALL }

async function opened(
  t: TestContext,
  directory: string,
  changes: { clocks?: Clocks; migrations?: readonly Migration[] } = {},
): Promise<Opened> {
  const { clocks = CLOCKS, migrations = MIGRATIONS } = changes
  const state = await openStateFile({ directory, clocks: () => clocks, migrations })
  t.after(() => state.file.close())
  return state
}

const attack = (id: string, openedUptimeSeconds = 990): Change => ({
  kind: 'attack',
  attack: exampleAttack({ id, openedAt: WALL - 10_000 }),
  openedUptimeSeconds,
})

const MITIGATION: Mitigation = {
  ...{ id: 'a.0', attackId: 'a', target: '192.0.2.1', enforcer: 'notify-script', reason: 'because' },
  ...{ action: { kind: 'script', path: '/bin/true' }, createdAt: WALL, expiresAt: WALL + 60_000 },
  ...{ state: 'announced', announcedAt: WALL },
}

const entry = (at: number): AuditEntry => ({
  ...{ at, who: 'uid:1000', what: 'announce', target: '192.0.2.1', attackId: 'a' },
  ...{ mitigationId: undefined, outcome: 'done', reason: 'because' },
})

test('what was written is found after a restart, with ages', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  await file.write([
    attack('a'),
    attack('b'),
    { kind: 'mitigation', mitigation: MITIGATION },
    { kind: 'audit', entry: entry(1) },
    { kind: 'learned', key: 'limits', value: { x: [1] } },
  ])
  await file.write([
    { kind: 'attack-gone', id: 'b' },
    { kind: 'audit', entry: entry(2) },
  ])
  await file.close()

  const { kept, setAside, replaced } = await opened(t, directory, {
    clocks: { ...CLOCKS, uptimeSeconds: 1090 },
  })

  assert.deepEqual(
    kept.attacks.map(({ attack: { id }, ageSeconds }) => [id, ageSeconds]),
    [['a', 100]],
  )
  assert.deepEqual(
    JSON.parse(JSON.stringify(kept.attacks[0]!.attack)),
    JSON.parse(JSON.stringify(exampleAttack({ id: 'a', openedAt: WALL - 10_000 }))),
  )
  assert.deepEqual(kept.mitigations, [MITIGATION])
  assert.deepEqual(kept.audit, [entry(1), entry(2)])
  assert.deepEqual([...kept.learned], [['limits', { x: [1] }]])
  assert.deepEqual([setAside, replaced], [[], undefined])
  assert.equal(statSync(join(directory, 'state.db')).mode & 0o777, 0o640)
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
  assert.match(first.setAside[1]!, /^attacks b: .*host/)
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
    ...Array.from({ length: 400 }, (_, at): Change => ({ kind: 'audit', entry: entry(at) })),
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

const ADDING: Migration = {
  version: MIGRATIONS.length + 1,
  minimumReader: 1,
  async up({ schema }) {
    await schema.alterTable('attacks').addColumn('colour', 'text').execute()
    await schema.createTable('weather').addColumn('day', 'text').execute()
  },
}
const CHANGING: Migration = { ...ADDING, minimumReader: ADDING.version }

test('the version before goes on with a file that the next one only added to, and back', async t => {
  const directory = temporaryFolder(t)
  const before = await opened(t, directory)
  await before.file.write([attack('old')])
  await before.file.close()

  const next = await opened(t, directory, { migrations: [...MIGRATIONS, ADDING] })
  assert.equal(next.kept.attacks.length, 1)
  await next.file.write([attack('new')])
  await next.file.close()
  const back = await opened(t, directory)
  assert.deepEqual(
    back.kept.attacks.map(({ attack: { id } }) => id),
    ['old', 'new'],
  )
  await back.file.write([attack('back'), { kind: 'attack-gone', id: 'old' }])
  await back.file.close()

  const again = await opened(t, directory, { migrations: [...MIGRATIONS, ADDING] })
  assert.deepEqual(
    again.kept.attacks.map(({ attack: { id } }) => id),
    ['new', 'back'],
  )
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

test('a file that only a later version can read is refused and left as it is', async t => {
  const directory = temporaryFolder(t)
  const next = await opened(t, directory, { migrations: [...MIGRATIONS, CHANGING] })
  await next.file.write([attack('a')])
  await next.file.close()
  const before = readFileSync(join(directory, 'state.db'))

  await assert.rejects(opened(t, directory), (error: unknown) => {
    assert.ok(error instanceof TooNewError)
    assert.match(
      error.message,
      new RegExp(
        `has schema ${ADDING.version}, .* newer Floodwarden, and needs one that knows schema ${ADDING.version}:`,
      ),
    )
    return true
  })

  assert.deepEqual(
    readdirSync(directory).filter(name => name.includes('broken')),
    [],
  )
  assert.deepEqual(readFileSync(join(directory, 'state.db')), before)
})

test('a migration that fails leaves the file as it was', async t => {
  const directory = temporaryFolder(t)
  const before = await opened(t, directory)
  await before.file.write([attack('a')])
  await before.file.close()
  const failing: Migration = {
    ...ADDING,
    async up(transaction) {
      await ADDING.up(transaction)
      throw new Error('the power went')
    },
  }

  await assert.rejects(opened(t, directory, { migrations: [...MIGRATIONS, failing] }), /the power went/)

  const after = await opened(t, directory, { migrations: [...MIGRATIONS, ADDING] })
  assert.equal(after.kept.attacks.length, 1)
})

test('the numbers of migrations have no gap, and none asks for a later reader than itself', () => {
  for (const [at, { version, minimumReader }] of MIGRATIONS.entries()) {
    assert.equal(version, at + 1)
    assert.ok(minimumReader <= version)
  }
})

test('the audit on disk is bounded', async t => {
  const directory = temporaryFolder(t)
  const { file } = await opened(t, directory)
  for (let batch = 0; batch < 42; batch++) {
    await file.write(
      Array.from({ length: 500 }, (_, at): Change => ({ kind: 'audit', entry: entry(batch * 500 + at) })),
    )
  }
  await file.close()

  const { kept, file: again } = await opened(t, directory)
  assert.equal(kept.audit.length, 1000)
  assert.equal(kept.audit.at(-1)?.at, 20_999)
  await again.close()
  const raw = new DatabaseSync(join(directory, 'state.db'))
  assert.equal(raw.prepare('SELECT count(*) AS n FROM audit').get()?.['n'], 20_000)
  raw.close()
})
