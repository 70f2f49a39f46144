// What the state must do whichever back end it is in: the tests that run over SQLite and over PostgreSQL.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { exampleAttack } from '#5-evidence/example.ts'
import { testAudit } from './audit-suite-for-tests.ts'
import type { Change } from './change.ts'
import { countByTime } from './count-by-time.ts'
import { readEvents } from './events.ts'
import { readPastAttacks, readPastMitigations } from './past.ts'
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
import { readTrafficDays } from './traffic-days.ts'
import { readTrafficTens } from './traffic-tens.ts'
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
  testPast(testPlace)
  testDocuments(testPlace)
  testTraffic(testPlace)
  testTrafficOfMany(testPlace)
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
    assert.deepEqual((await readEvents(again.queries, { limit: 10 }))[0]!.report, { nasty })
  })
}

function testEvents(testPlace: TestPlace): void {
  testPlace('an event is kept once by its id, and found by what is known of it', async place => {
    const { file } = await place.open()
    const events = [
      event('e1', { externalId: 'same' }),
      event('e2', { externalId: 'same', host: '192.0.2.9' }),
      event('e3', { externalId: 'same', source: 'detector-2', attackId: 'b', receivedAt: WALL + 90_000 }),
    ]
    const found = async (page: Partial<Parameters<typeof readEvents>[1]>) =>
      (await readEvents(file.queries, { limit: 10, ...page })).map(({ id }) => id)

    await file.write([{ kind: 'event', event: events[0]! }])
    await file.write(events.map(each => ({ kind: 'event', event: each })))

    const [newest, second] = await readEvents(file.queries, { limit: 2 })
    assert.deepEqual(newest, { ...events[2], number: newest!.number })
    assert.deepEqual(await found({ before: second!.number }), ['e1'])
    assert.deepEqual(await found({ source: 'detector-1', externalId: 'same' }), ['e2', 'e1'])
    assert.deepEqual(await found({ host: '192.0.2.9' }), ['e2'])
    assert.deepEqual(await found({ attackId: 'b' }), ['e3'])
    assert.deepEqual(await found({ since: WALL + 1 }), ['e3'])
    assert.deepEqual(await found({ until: WALL + 1 }), ['e2', 'e1'])
    assert.deepEqual(await countByTime(file.queries, { what: 'events', since: WALL, stretchMs: 60_000 }), [
      { at: WALL, count: 2 },
      { at: WALL + 60_000, count: 1 },
    ])
    assert.deepEqual(await countByTime(file.queries, { what: 'events', since: 0 }), [{ at: 0, count: 3 }])
    assert.deepEqual(await countByTime(file.queries, { what: 'events', since: WALL + 1 }), [
      { at: 0, count: 1 },
    ])
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
      assert.equal((await readEvents(file.queries, { limit: 1000 })).at(-1)!.id, 'new100')
    },
  )
}

function testPast(testPlace: TestPlace): void {
  testPlace('what is over is found by when it began, page by page, by host and by attack', async place => {
    const { file } = await place.open()
    const other = { ...past('c'), host: '192.0.2.9', openedAt: WALL }
    const over = { ...MITIGATION, id: 'a.1', state: 'withdrawn', endedAt: WALL + 1 } as const
    await file.write(
      [past('a'), past('b'), other, past('a')].map(each => ({ kind: 'past-attack', attack: each })),
    )
    await file.write(
      [over, { ...over, id: 'b.0', attackId: 'b', createdAt: WALL - 1 }].map(mitigation => ({
        kind: 'past-mitigation',
        mitigation,
      })),
    )

    const all = await readPastAttacks(file.queries, { limit: 10 })
    assert.deepEqual(all, [other, past('b'), past('a')])
    const after = { at: other.openedAt, id: 'c' }
    assert.deepEqual(await readPastAttacks(file.queries, { limit: 1, after }), [past('b')])
    assert.deepEqual(await readPastAttacks(file.queries, { limit: 10, host: '192.0.2.9' }), [other])
    const ids = async (page: Partial<Parameters<typeof readPastMitigations>[1]>) =>
      (await readPastMitigations(file.queries, { limit: 10, ...page })).map(({ id }) => id)
    assert.deepEqual(await ids({}), ['a.1', 'b.0'])
    assert.deepEqual(await ids({ attackIds: ['b'] }), ['b.0'])
    assert.deepEqual(await ids({ after: { at: WALL, id: 'a.1' } }), ['b.0'])
  })
}

function testDocuments(testPlace: TestPlace): void {
  testPlace('a document is what was put last, and gone when it is said so', async place => {
    const { file } = await place.open()
    const put = (id: string, value: unknown): Change => ({
      kind: 'document',
      document: { kind: 'user', id, value },
    })
    await file.write([put('a', { role: 'admin' }), put('b', 1), put('c', 2)])
    await file.write([put('a', { role: 'viewer' }), put('b', undefined)])
    await file.close()

    const { kept } = await place.open()

    assert.deepEqual(
      kept.documents.toSorted((x, y) => (x.id < y.id ? -1 : 1)),
      [
        { kind: 'user', id: 'a', value: { role: 'viewer' } },
        { kind: 'user', id: 'c', value: 2 },
      ],
    )
  })
}

function testTrafficOfMany(testPlace: TestPlace): void {
  testPlace('what many hosts have at once is kept, and what one has twice is put together', async place => {
    const { file } = await place.open()
    const HOSTS = 450
    const day = (host: number, ...numbers: number[]): Change => ({
      ...{ kind: 'traffic-day', series: `host:${host}`, day: 500 },
      body: new Uint8Array(Float32Array.from(numbers).buffer),
    })
    const tens = (host: number, byte: number): Change => ({
      ...{ kind: 'traffic-tens', series: `host:${host}`, step: 1000, body: Uint8Array.of(byte) },
    })
    const hosts = Array.from({ length: HOSTS }, (_, host) => host)
    await file.write(hosts.flatMap(host => [day(host, host, Number.NaN), tens(host, 1)]))
    await file.write([
      ...hosts.flatMap(host => [day(host, Number.NaN, 1), tens(host, 2)]),
      ...hosts.flatMap(host => [day(host, Number.NaN, host + 1), tens(host, host % 256)]),
    ])

    for (const host of hosts) {
      const series = `host:${host}`
      const [kept] = await readTrafficDays(file.queries, { series, from: 500, to: 500 })
      const [ten] = await readTrafficTens(file.queries, { series, from: 1000, to: 1000 })
      assert.deepEqual([...new Float32Array(kept!.body.buffer)], [host, host + 1])
      assert.deepEqual([...ten!.body], [host % 256])
    }
  })
}

function testTraffic(testPlace: TestPlace): void {
  testPlace('a day of traffic is put together from what comes, and old days go', async place => {
    const { file } = await place.open()
    const put = (day: number, ...numbers: number[]): Change => {
      const body = new Uint8Array(Float32Array.from(numbers).buffer)
      return { kind: 'traffic-day', series: 'total', day, body }
    }
    await file.write([put(500, 1, 2, Number.NaN), put(20, 1, 1, 1)])
    await file.write([
      put(500, Number.NaN, 3, 4),
      put(101, 5, 5, 5),
      { ...put(500, 9), series: 'other' } as Change,
    ])

    const days = await readTrafficDays(file.queries, { series: 'total', from: 0, to: 1000 })
    const none = await readTrafficDays(file.queries, { series: 'total', from: 501, to: 1000 })

    assert.deepEqual(
      days.map(({ day, body }) => [day, [...new Float32Array(body.buffer)]]),
      [
        [101, [5, 5, 5]],
        [500, [1, 3, 4]],
      ],
    )
    assert.deepEqual(none, [])
  })

  testPlace('a day of a host is put together likewise, from numbers of half the length', async place => {
    const { file } = await place.open()
    const put = (...known: (readonly [at: number, value: number])[]): Change => {
      const numbers = new Uint16Array(288 * 6).fill(0xffff)
      for (const [at, value] of known) numbers[at] = value
      return { kind: 'traffic-day', series: 'host:192.0.2.1', day: 500, body: new Uint8Array(numbers.buffer) }
    }
    await file.write([put([0, 7], [1, 8])])
    await file.write([put([1, 9], [2, 10])])

    const [day] = await readTrafficDays(file.queries, { series: 'host:192.0.2.1', from: 500, to: 500 })

    assert.deepEqual([...new Uint16Array(day!.body.buffer).subarray(0, 4)], [7, 9, 10, 0xffff])
  })

  testPlace('five minutes by ten seconds are kept for a day', async place => {
    const { file } = await place.open()
    const put = (step: number, ...body: number[]): Change => ({
      ...{ kind: 'traffic-tens', series: 'total', step, body: Uint8Array.from(body) },
    })
    await file.write([put(1000, 1), put(1100, 2), { ...put(1100, 9), series: 'other' } as Change])
    await file.write([put(1100, 3), put(1289, 4)])

    const kept = await readTrafficTens(file.queries, { series: 'total', from: 0, to: 2000 })

    assert.deepEqual(
      kept.map(({ step, body }) => [step, ...body]),
      [
        [1100, 3],
        [1289, 4],
      ],
    )
  })
}
