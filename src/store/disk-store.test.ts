// What the main thread is told about the disk: events that are safe, what waits, and what must be told again.

import assert from 'node:assert/strict'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { until } from '../../test/until.ts'
import { DEFAULT_STORE } from './config.ts'
import { DiskStore } from './disk-store.ts'
import type { DiskStoreOptions } from './disk-store-options.ts'
import { entry, event, MITIGATION } from './state-fixtures-for-tests.ts'

function storeIn(t: TestContext, directory: string, changes: Partial<DiskStoreOptions> = {}) {
  const store = new DiskStore({
    ...{ directory, retention: DEFAULT_STORE.retention, log: SILENT, retryMs: 20, openWaitMs: 60_000 },
    ...{ found: () => {}, lost: () => {}, ...changes },
  })
  t.after(() => store.close(30_000))
  return store
}

const value = (store: DiskStore, name: string, table?: string) =>
  [...store.metrics()].find(metric => metric.name === name && metric.labels?.['table'] === table)?.value

test('an event is kept when it is said so, also one that its source sent before', async t => {
  const directory = temporaryFolder(t)
  const store = storeIn(t, directory)
  await store.open()

  const fates = await Promise.all([
    store.keepEvent(event('a', { externalId: 'same' })),
    store.keepEvent(event('b', { externalId: 'same' })),
  ])

  assert.deepEqual(fates, [{ kind: 'kept' }, { kind: 'kept' }])
  const events = await store.ask('events', { limit: 10 })
  assert.deepEqual(events.map(({ id }) => id).toSorted(), ['a', 'b'])
})

test('who has no time to listen hears of a write with the next event', async t => {
  const store = storeIn(t, temporaryFolder(t))
  await store.open()
  let isKept = false
  void store.keepEvent(event('first')).then(() => {
    isKept = true
  })
  // It goes to the worker; from here on this thread hears no message.
  await new Promise(setImmediate)
  const endsAt = performance.now() + 30_000
  for (let at = 0; !isKept && performance.now() < endsAt; at++) {
    void store.keepEvent(event(`more-${at}`))
    for (const from = performance.now(); performance.now() - from < 20; );
    await Promise.resolve()
  }

  assert.ok(isKept)
  assert.equal(await store.onDisk(30_000), true)
  assert.equal((await store.ask('events', { limit: 1000 })).at(-1)?.id, 'first')
})

test('what was written comes to the tables without another write', async t => {
  const directory = temporaryFolder(t)
  const store = storeIn(t, directory)
  await store.open()
  const pages = () => statSync(join(directory, 'state.db')).size / 4096
  const before = pages()

  // More pages than it takes, and fewer than SQLite takes by itself.
  await Promise.all(Array.from({ length: 150 }, (_, at) => store.keepEvent(event(`long-${at}`.padEnd(2000)))))

  await until(() => pages() > before + 200, 'them to be in the tables')
})

test('while the disk cannot be written an event is late, not kept, and comes when it can', async t => {
  const directory = join(temporaryFolder(t), 'state')
  writeFileSync(directory, '')
  const store = storeIn(t, directory)
  await store.open()

  assert.deepEqual(await store.keepEvent(event('a'), 50), { kind: 'late' })
  assert.equal(await store.onDisk(50), false)
  await assert.rejects(store.ask('events', { limit: 1 }), /unable to open database file/)

  rmSync(directory)
  const { mkdirSync } = await import('node:fs')
  mkdirSync(directory)
  assert.equal(await store.onDisk(30_000), true)
  assert.equal((await store.ask('events', { limit: 10 }))[0]?.id, 'a')
})

test('when too many events wait, the next is refused at once and counted', async t => {
  const directory = join(temporaryFolder(t), 'state')
  writeFileSync(directory, '')
  const store = storeIn(t, directory)
  for (let at = 0; at < 10_000; at++) void store.keepEvent(event(`e${at}`), 1)

  assert.deepEqual(await store.keepEvent(event('more')), { kind: 'full' })

  assert.equal(value(store, 'floodwarden_store_refused_events_total'), 1)
  assert.equal(value(store, 'floodwarden_store_changes_waiting'), 10_000)
})

test('all that was put before is on the disk when it is said so, whatever is put afterwards', async t => {
  const directory = temporaryFolder(t)
  const first = storeIn(t, directory)
  await first.open()
  first.put({ kind: 'mitigation', mitigation: MITIGATION })
  first.record(entry(1))
  const pressing = setInterval(() => first.record(entry(2)), 1)

  assert.equal(await first.onDisk(30_000), true)

  clearInterval(pressing)
  const entries = await first.ask('audit', { limit: 1000 })
  assert.equal(entries.at(-1)?.entry.at, 1)
})

test('what is too old goes away while the store is in use, and metrics tell', async t => {
  const directory = temporaryFolder(t)
  const store = storeIn(t, directory)
  await store.open()
  for (let at = 0; at < 250; at++) void store.keepEvent(event(`e${at}`))
  await store.onDisk(30_000)

  store.retain({ ...DEFAULT_STORE.retention, events: { days: 36_500, rows: 100 } })
  await until(() => value(store, 'floodwarden_store_rows', 'events') === 100)

  assert.equal(value(store, 'floodwarden_store_pruned_rows_total', 'events'), 150)
  assert.equal((await store.ask('verify', undefined)).kind, 'intact')
})

test('a row that cannot be read is counted by its table, and the connection is told', async t => {
  const directory = temporaryFolder(t)
  const first = storeIn(t, directory)
  assert.deepEqual(connection(first), [0, 0])
  await first.open()
  first.put({ kind: 'mitigation', mitigation: MITIGATION })
  await first.close(30_000)
  const raw = new DatabaseSync(join(directory, 'state.db'))
  raw.exec(`UPDATE mitigations SET body = '{'`)
  raw.close()
  const second = storeIn(t, directory)

  await second.open()

  assert.equal(value(second, 'floodwarden_store_rows_set_aside_total', 'mitigations'), 1)
  assert.equal(value(second, 'floodwarden_store_rows_set_aside_total', 'attacks'), 0)
  assert.equal(connection(second)[0]! + connection(second)[1]!, 1)
  const asked = second.ask('events', { limit: 1 })
  assert.deepEqual(connection(second), [1, 0])
  await asked
})

const connection = (store: DiskStore) =>
  [...store.metrics()]
    .filter(({ name }) => name === 'floodwarden_store_connections')
    .map(metric => metric.value)
