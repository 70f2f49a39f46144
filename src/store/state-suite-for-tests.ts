// What the state must do whichever back end it is in: the tests that run over SQLite and over PostgreSQL.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { exampleAttack } from '#5-evidence/example.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { listAudit } from './audit.ts'
import type { Clocks } from './ban-age.ts'
import type { Change, Kept, PastAttack, ReceivedEvent } from './change.ts'
import { readEvents, readPastAttacks } from './events.ts'
import { MIGRATIONS, type Migration } from './migrate.ts'
import { type OpenState, TooNewError } from './open-state.ts'
import { countRows, prune } from './retention.ts'
import { verifyAudit } from './verify-audit.ts'

export const WALL = Date.UTC(2026, 0, 15, 12)
export const CLOCKS: Clocks = { boot: 'a', uptimeSeconds: 1000, wallMs: WALL }

export interface Opening {
  readonly clocks?: Clocks
  readonly migrations?: readonly Migration[]
  readonly run?: string
}

export interface OpenedState {
  readonly file: OpenState
  readonly kept: Kept
  readonly setAside: readonly string[]
}

/** Where one state lives; opened again and again as after restarts. */
export interface Place {
  open(opening?: Opening): Promise<OpenedState>
}

export const attack = (id: string, openedUptimeSeconds = 990): Change => ({
  kind: 'attack',
  attack: exampleAttack({ id, openedAt: WALL - 10_000 }),
  openedUptimeSeconds,
})

export const MITIGATION: Mitigation = {
  ...{ id: 'a.0', attackId: 'a', target: '192.0.2.1', enforcer: 'notify-script', reason: 'because' },
  ...{ action: { kind: 'script', path: '/bin/true' }, createdAt: WALL, expiresAt: WALL + 60_000 },
  ...{ state: 'announced', announcedAt: WALL },
}

export const entry = (at: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at, who: 'uid:1000', what: 'announce', target: '192.0.2.1', attackId: 'a' },
  ...{ mitigationId: undefined, outcome: 'done', reason: 'because', ...changes },
})

export const audit = (at: number, changes: Partial<AuditEntry> = {}): Change => ({
  kind: 'audit',
  entry: entry(at, changes),
})

export const event = (id: string, changes: Partial<ReceivedEvent> = {}): ReceivedEvent => ({
  ...{ id, source: 'detector-1', externalId: `x-${id}`, receivedAt: WALL },
  ...{ report: { vector: 'udp_flood', bps: 1e9 }, ...changes },
})

const past = (id: string, endedAt = WALL): PastAttack => ({
  ...{ id, host: '192.0.2.1', openedAt: WALL - 60_000, endedAt, report: { id, words: ['why'] } },
})

const attackIds = ({ attacks }: Kept) => attacks.map(({ attack: { id } }) => id)

/** `begin` gives a place with nothing in it, or `undefined` when the test was skipped. */
export function testState(name: string, begin: (t: TestContext) => Promise<Place | undefined>): void {
  const testPlace = (words: string, act: (place: Place, t: TestContext) => Promise<void>) =>
    test(`${name}: ${words}`, async t => {
      const place = await begin(t)
      if (place !== undefined) await act(place, t)
    })
  testKeeping(testPlace)
  testVersions(testPlace)
  testEvents(testPlace)
  testAudit(testPlace)
}

type TestPlace = (words: string, act: (place: Place, t: TestContext) => Promise<void>) => void

function testKeeping(testPlace: TestPlace): void {
  testPlace('what was written is found after a restart, with ages', async place => {
    const { file } = await place.open()
    await file.write([
      ...[attack('a'), attack('b'), audit(1)],
      { kind: 'mitigation', mitigation: MITIGATION },
      { kind: 'learned', key: 'limits', value: { x: [1] } },
      { kind: 'hour', scope: 'global', hour: 7, body: Uint8Array.from([0, 1, 255]) },
    ])
    await file.write([{ kind: 'attack-gone', id: 'b' }, audit(2, { before: { a: 1 }, after: null })])
    await file.close()

    const { kept, setAside } = await place.open({ clocks: { ...CLOCKS, uptimeSeconds: 1090 } })

    assert.deepEqual(
      kept.attacks.map(({ attack: { id }, ageSeconds }) => [id, ageSeconds]),
      [['a', 100]],
    )
    assert.deepEqual(
      JSON.parse(JSON.stringify(kept.attacks[0]!.attack)),
      JSON.parse(JSON.stringify(exampleAttack({ id: 'a', openedAt: WALL - 10_000 }))),
    )
    assert.deepEqual(kept.mitigations, [MITIGATION])
    assert.deepEqual(kept.audit, [entry(1), entry(2, { before: { a: 1 }, after: null })])
    assert.deepEqual([...kept.learned], [['limits', { x: [1] }]])
    assert.deepEqual(
      kept.hours.map(({ scope, hour, body }) => [scope, hour, ...body]),
      [['global', 7, 0, 1, 255]],
    )
    assert.deepEqual(setAside, [])
  })

  testPlace('a write that cannot be done leaves nothing of itself', async place => {
    const { file } = await place.open()
    await file.write([attack('a')])

    const wrong = { kind: 'learned', key: 'x', value: 1n } as unknown as Change
    await assert.rejects(file.write([attack('b'), audit(1), wrong]), TypeError)
    await file.close()

    const { kept, file: again } = await place.open()
    assert.deepEqual([attackIds(kept), kept.audit], [['a'], []])
    assert.equal((await verifyAudit(again.queries, undefined)).kind, 'intact')
  })

  testPlace('a row that cannot be read is set aside and costs no other row', async place => {
    const { file } = await place.open()
    await file.write([attack('a'), attack('b'), { kind: 'mitigation', mitigation: MITIGATION }])
    await sql`update attacks set body = '{"id": ' where id = 'a'`.execute(file.queries)
    await sql`update mitigations set body = '{}'`.execute(file.queries)
    await file.close()

    const first = await place.open()
    assert.deepEqual(attackIds(first.kept), ['b'])
    assert.deepEqual(first.kept.mitigations, [])
    assert.equal(first.setAside.length, 2)
    await first.file.close()

    const second = await place.open()
    assert.deepEqual(second.setAside, [])
    const rows = await second.file.queries.selectFrom('set_aside').selectAll().execute()
    assert.equal(rows.length, 2)
  })

  testPlace('text that no back end can keep as it is harms nothing', async place => {
    const { file } = await place.open()
    const nasty = 'a\0b\uD800c\u{1F600}'
    await file.write([
      audit(1, { target: nasty, reason: nasty }),
      { kind: 'event', event: event('e', { source: nasty, externalId: nasty, report: { nasty } }) },
      { kind: 'learned', key: 'nasty', value: nasty },
    ])
    await file.close()

    const { kept, file: again } = await place.open()
    assert.equal(kept.audit[0]!.target, nasty)
    assert.equal((await verifyAudit(again.queries, undefined)).kind, 'intact')
    assert.deepEqual((await readEvents(again.queries, 10))[0]!.report, { nasty })
  })
}

const ADDING: Migration = {
  version: MIGRATIONS.length + 1,
  minimumReader: 1,
  async up({ schema }) {
    await schema.alterTable('attacks').addColumn('colour', 'text').execute()
    await schema.createTable('weather').addColumn('day', 'text').execute()
  },
}

function testVersions(testPlace: TestPlace): void {
  testPlace(
    'the version before goes on with a state that the next one only added to, and back',
    async place => {
      const before = await place.open()
      await before.file.write([attack('old')])
      await before.file.close()

      const next = await place.open({ migrations: [...MIGRATIONS, ADDING] })
      await next.file.write([attack('new')])
      await next.file.close()
      const back = await place.open()
      assert.deepEqual(attackIds(back.kept), ['old', 'new'])
      await back.file.write([attack('back'), { kind: 'attack-gone', id: 'old' }])
      await back.file.close()

      const again = await place.open({ migrations: [...MIGRATIONS, ADDING] })
      assert.deepEqual(attackIds(again.kept), ['new', 'back'])
    },
  )

  testPlace('a state that only a later version can read is refused and left as it is', async place => {
    const changing = { ...ADDING, minimumReader: ADDING.version }
    const next = await place.open({ migrations: [...MIGRATIONS, changing] })
    await next.file.write([attack('a')])
    await next.file.close()

    await assert.rejects(place.open(), (error: unknown) => {
      assert.ok(error instanceof TooNewError)
      assert.match(error.message, new RegExp(`has schema ${ADDING.version}, .* newer Floodwarden`))
      return true
    })

    assert.deepEqual(attackIds((await place.open({ migrations: [...MIGRATIONS, changing] })).kept), ['a'])
  })

  testPlace('a migration that fails leaves the state as it was', async place => {
    const before = await place.open()
    await before.file.write([attack('a')])
    await before.file.close()
    const failing: Migration = {
      ...ADDING,
      async up(transaction, dialect) {
        await ADDING.up(transaction, dialect)
        throw new Error('the power went')
      },
    }

    await assert.rejects(place.open({ migrations: [...MIGRATIONS, failing] }), /the power went/)

    const after = await place.open({ migrations: [...MIGRATIONS, ADDING] })
    assert.deepEqual(attackIds(after.kept), ['a'])
  })

  testPlace('a state of schema 2 is brought to this one, and its audit goes into the chain', async place => {
    const old = await place.open({ migrations: MIGRATIONS })
    const insert = (at: number) => sql`insert into audit (at, who, what, target, attack_id, outcome, reason)
      values (${at}, 'uid:1', 'announce', '192.0.2.1', 'a', 'done', 'old')`
    // As the program of schema 2 writes it: before the upgrade, and again after a way back.
    for (const at of [1, 2]) await insert(at).execute(old.file.queries)
    await old.file.close()

    const first = await place.open()
    await first.file.write([audit(3)])
    await insert(4).execute(first.file.queries)
    await first.file.close()
    const { kept, file } = await place.open()

    assert.deepEqual(
      kept.audit.map(({ at }) => at),
      [1, 2, 3, 4],
    )
    const verdict = await verifyAudit(file.queries, undefined)
    assert.ok(verdict.kind === 'intact' && verdict.entries === 4)
  })
}

function testEvents(testPlace: TestPlace): void {
  testPlace(
    'an event is kept once, however often its source sends it, and the first is named',
    async place => {
      const { file } = await place.open()

      const first = await file.write([{ kind: 'event', event: event('e1', { externalId: 'same' }) }])
      const again = await file.write([
        { kind: 'event', event: event('e1', { externalId: 'same' }) },
        { kind: 'event', event: event('e2', { externalId: 'same' }) },
        { kind: 'event', event: event('e3', { externalId: 'same', source: 'detector-2' }) },
      ])

      assert.deepEqual(first.known, [])
      assert.deepEqual(again.known, [{ id: 'e2', before: 'e1' }])
      assert.deepEqual(await readEvents(file.queries, 10), [
        event('e3', { externalId: 'same', source: 'detector-2' }),
        event('e1', { externalId: 'same' }),
      ])
    },
  )

  testPlace('attacks that are over are found newest first, by host too', async place => {
    const { file } = await place.open()
    const other = { ...past('c'), host: '192.0.2.9' }
    await file.write(
      [past('a'), past('b'), other, past('a')].map(each => ({ kind: 'past-attack', attack: each })),
    )

    const all = await readPastAttacks(file.queries, { limit: 10 })
    assert.deepEqual(all, [other, past('b'), past('a')])
    assert.deepEqual(await readPastAttacks(file.queries, { limit: 10, host: '192.0.2.9' }), [other])
  })

  testPlace(
    'retention deletes by age and by number, a step at a time, and tells how much is left',
    async place => {
      const { file } = await place.open()
      const day = 86_400_000
      await file.write([
        ...Array.from(
          { length: 1500 },
          (_, at): Change => ({
            kind: 'event',
            event: event(`old${at}`, { receivedAt: WALL - 3 * day }),
          }),
        ),
        ...Array.from({ length: 300 }, (_, at): Change => ({ kind: 'event', event: event(`new${at}`) })),
        ...Array.from({ length: 20 }, (_, at): Change => ({ kind: 'past-attack', attack: past(`p${at}`) })),
      ])
      const bounds = { days: 1, rows: 200 }

      const steps = [1, 2, 3].map(() => () => prune(file.queries, 'events', bounds, WALL))
      const pruned: number[] = []
      for (const step of steps) pruned.push(await step())
      await prune(file.queries, 'attacks', { days: 1, rows: 15 }, WALL)

      assert.deepEqual(pruned, [1000, 600, 0])
      assert.deepEqual(await countRows(file.queries), { events: 200, attacks: 15, audit: 0 })
      assert.equal((await readEvents(file.queries, 1000)).at(-1)!.id, 'new100')
    },
  )
}

function testAudit(testPlace: TestPlace): void {
  testPlace('entries that come twice because an answer was lost stand once', async place => {
    const { file } = await place.open({ run: 'one' })
    const numbered = (ticket: number): Change => ({ kind: 'audit', entry: entry(ticket), ticket })
    await file.write([numbered(1), numbered(2)])
    await file.write([numbered(1), numbered(2), numbered(3)])
    await file.close()

    const { file: next } = await place.open({ run: 'two' })
    await next.write([numbered(1)])

    const at = (await listAudit(next.queries, { limit: 10 })).map(stored => stored.entry.at)
    assert.deepEqual(at, [1, 3, 2, 1])
  })

  testPlace('the audit is listed by who, what, target, outcome, time and page', async place => {
    const { file } = await place.open()
    await file.write([
      audit(10),
      audit(20, { who: 'floodwarden', what: 'expire' }),
      audit(30, { outcome: 'refused', what: 'decide' }),
      audit(40, { target: '192.0.2.9' }),
    ])
    const listed = async (filter: object) =>
      (await listAudit(file.queries, { limit: 10, ...filter })).map(({ sequence }) => sequence)

    assert.deepEqual(await listed({}), [4, 3, 2, 1])
    assert.deepEqual(await listed({ who: 'floodwarden' }), [2])
    assert.deepEqual(await listed({ what: 'decide', outcome: 'refused' }), [3])
    assert.deepEqual(await listed({ target: '192.0.2.9' }), [4])
    assert.deepEqual(await listed({ since: 20, until: 40 }), [3, 2])
    assert.deepEqual(await listed({ before: 3, limit: 1 }), [2])
  })

  testPlace('a chain that nobody touched is intact, also behind the checkpoint of retention', async place => {
    const { file } = await place.open()
    for (let at = 0; at < 5; at++)
      await file.write(Array.from({ length: 500 }, (_, each) => audit(WALL + at * 500 + each)))

    const whole = await verifyAudit(file.queries, undefined)
    assert.ok(whole.kind === 'intact')
    assert.deepEqual([whole.entries, whole.first!.sequence, whole.last!.sequence], [2500, 1, 2500])

    for (let step = 0; step < 3; step++) await prune(file.queries, 'audit', { days: 1, rows: 700 }, WALL)
    await file.write([audit(WALL)])

    const rest = await verifyAudit(file.queries, undefined)
    assert.ok(rest.kind === 'intact')
    assert.deepEqual([rest.entries, rest.first!.sequence, rest.checkpoint!.sequence], [701, 1801, 1800])
  })

  for (const [what, tamper, sequence, problem] of TAMPERED) {
    testPlace(`an audit ${what} is told with the first entry that is wrong`, async place => {
      const { file } = await place.open()
      await file.write(
        Array.from({ length: 10 }, (_, at) => audit(WALL + at, { reason: `reason ${at + 1}` })),
      )
      const head = (await listAudit(file.queries, { limit: 1 }))[0]!
      assert.equal((await verifyAudit(file.queries, head)).kind, 'intact')

      for (const statement of tamper) await sql.raw(statement).execute(file.queries)

      const verdict = await verifyAudit(file.queries, head)
      assert.ok(verdict.kind === 'broken', 'it is broken')
      assert.equal(verdict.sequence, sequence)
      assert.match(verdict.problem, problem)
    })
  }
}

const copyOf = (from: number, to: number) =>
  `insert into audit_chain select ${to}, at, who, what, target, outcome, body, hash from audit_chain where sequence = ${from}`

/** What was done to it, how, and what verification must say. */
const TAMPERED: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  [
    'in which a reason was changed',
    [`update audit_chain set body = replace(body, 'reason 4', 'reason X') where sequence = 4`],
    4,
    /entry 4 is not what was written/,
  ],
  [
    'in which only a column was changed',
    [`update audit_chain set who = 'uid:0' where sequence = 6`],
    6,
    /columns of entry 6/,
  ],
  ['from which one was taken', ['delete from audit_chain where sequence = 5'], 5, /entry 5 is missing/],
  [
    'from which the oldest were taken',
    ['delete from audit_chain where sequence <= 3'],
    1,
    /entries 1 to 3 are missing/,
  ],
  [
    'in which two were swapped',
    [
      'update audit_chain set sequence = 99 where sequence = 3',
      'update audit_chain set sequence = 3 where sequence = 4',
      'update audit_chain set sequence = 4 where sequence = 99',
    ],
    3,
    /entry 3 is not what was written/,
  ],
  [
    'into which one was put, with the others moved up',
    [
      'update audit_chain set sequence = -(sequence + 1) where sequence >= 7',
      'update audit_chain set sequence = -sequence where sequence < 0',
      copyOf(6, 7),
    ],
    7,
    /entry 7 is not what was written/,
  ],
  ['to which one was added', [copyOf(10, 11)], 11, /entry 11 is not what was written/],
  ['before which one was put', [copyOf(1, 0)], 0, /entry 0 stands before the checkpoint/],
  [
    'whose end was cut',
    ['delete from audit_chain where sequence > 8'],
    9,
    /end is cut off: entry 9 is missing/,
  ],
  [
    'whose end was cut, with its mark made to fit',
    [
      'delete from audit_chain where sequence > 8',
      `update marks set sequence = 8, hash = (select hash from audit_chain where sequence = 8) where name = 'head'`,
    ],
    9,
    /the file beside the state knows entry 10/,
  ],
  [
    'that was emptied, marks and all',
    ['delete from audit_chain', `delete from marks where name in ('head', 'checkpoint')`],
    1,
    /entry 1 is missing, and the file beside the state knows entry 10/,
  ],
]
