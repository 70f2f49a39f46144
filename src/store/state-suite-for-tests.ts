// What the state must do whichever back end it is in: the tests that run over SQLite and over PostgreSQL.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { exampleAttack } from '#5-evidence/example.ts'
import { testAudit } from './audit-suite-for-tests.ts'
import type { Change } from './change.ts'
import { readEvents, readPastAttacks } from './events.ts'
import { countRows, prune } from './retention.ts'
import {
  attack,
  attackIds,
  audit,
  CLOCKS,
  entry,
  event,
  MITIGATION,
  type Place,
  past,
  type TestPlace,
  WALL,
} from './state-fixtures-for-tests.ts'
import { verifyAudit } from './verify-audit.ts'
import { testVersions } from './versions-suite-for-tests.ts'

/** `begin` gives a place with nothing in it, or `undefined` when the test was skipped. */
export function testState(name: string, begin: (t: TestContext) => Promise<Place | undefined>): void {
  const testPlace = (words: string, act: (place: Place, t: TestContext) => Promise<void>) =>
    test(`${name}: ${words}`, async t => {
      const place = await begin(t)
      if (place !== undefined) await act(place, t)
    })
  testKeeping(testPlace)
  testStrangeRows(testPlace)
  testVersions(testPlace)
  testEvents(testPlace)
  testAudit(testPlace)
}

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
}

function testStrangeRows(testPlace: TestPlace): void {
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
