// What the audit's chain must do, and tell of whoever tampers with it, whichever back end it is in.

import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { listAudit } from './audit.ts'
import type { Change } from './change.ts'
import { prune } from './retention.ts'
import { audit, entry, type TestPlace, WALL } from './state-fixtures-for-tests.ts'
import { verifyAudit } from './verify-audit.ts'

export function testAudit(testPlace: TestPlace): void {
  testWords(testPlace)
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

function testWords(testPlace: TestPlace): void {
  testPlace('the audit is listed by attack, by mitigation and by text of the reason', async place => {
    const { file } = await place.open()
    await file.write([
      audit(10, { attackId: 'a-1', mitigationId: 'a-1.0', reason: 'Ticket 100%_sure' }),
      audit(20, { attackId: 'a-10', mitigationId: undefined, reason: 'a-1 is another' }),
      audit(30, { attackId: 'a-1', mitigationId: undefined, reason: 'ÄRGER mit "q" \\' }),
    ])
    const listed = async (filter: object) =>
      (await listAudit(file.queries, { limit: 10, ...filter })).map(({ sequence }) => sequence)

    assert.deepEqual(await listed({ attack: 'a-1' }), [3, 1])
    assert.deepEqual(await listed({ attack: 'a-1', limit: 1 }), [3])
    assert.deepEqual(await listed({ attack: 'a-1', before: 3 }), [1])
    assert.deepEqual(await listed({ mitigation: 'a-1.0' }), [1])
    assert.deepEqual(await listed({ reason: '100%_SURE' }), [1])
    assert.deepEqual(await listed({ reason: '100__sure' }), [])
    assert.deepEqual(await listed({ reason: 'ärger' }), [3])
    assert.deepEqual(await listed({ reason: '"Q" \\' }), [3])
  })
}
