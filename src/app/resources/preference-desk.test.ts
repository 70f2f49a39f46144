import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { PreferenceDesk } from './preference-desk.ts'
import { ADMIN, OF_C1, OF_C2, setUp } from './resources-for-tests.ts'

const WANTED = { mutedEvents: ['mitigation.expired'], quietHours: { from: 22, to: 6 } } as const

test('each has preferences of his own, the same as by prefixd’s API, and wrong ones are refused', async t => {
  const { call, state } = await setUp(t)
  const nothing = await call('GET', '/preferences', undefined, OF_C1)

  const set = await call('PUT', '/preferences', WANTED, OF_C1)
  const again = await call('GET', '/preferences', undefined, OF_C1)
  const other = await call('GET', '/preferences', undefined, OF_C2)
  const bare = await call('PUT', '/preferences', {}, OF_C2)

  assert.deepEqual([nothing.status, nothing.body], [200, { mutedEvents: [] }])
  assert.deepEqual([set.status, set.body, again.body], [200, WANTED, WANTED])
  assert.deepEqual([other.body, bare.body], [{ mutedEvents: [] }, { mutedEvents: [] }])
  assert.deepEqual(new PreferenceDesk(state.documents).prefixd.preferences(OF_C1), {
    ...{ muted_events: ['mitigation.expired'], quiet_hours_start: 22, quiet_hours_end: 6 },
  })
  for (const wrong of [
    { mutedEvents: ['x'] },
    { quietHours: { from: 24, to: 1 } },
    { quietHours: { from: 1 } },
    { more: 1 },
  ])
    assert.equal((await call('PUT', '/preferences', wrong, OF_C1)).status, 400, JSON.stringify(wrong))
})

test('of too many the oldest are forgotten', async () => {
  const documents = new DocumentShelf()
  const desk = new PreferenceDesk(documents)
  const of = (id: number) => ({ uid: undefined, pid: undefined, identity: { ...ADMIN, id: String(id) } })
  for (let id = 0; id < 10_001; id++) await desk.set({ mutedEvents: ['config.reloaded'] }, of(id))
  await desk.set({ mutedEvents: [] }, of(10_000))

  assert.equal(documents.all('preferences').size, 10_000)
  assert.deepEqual(desk.of(of(0)), { mutedEvents: [] })
  assert.deepEqual(desk.of(of(1)), { mutedEvents: ['config.reloaded'] })
})
