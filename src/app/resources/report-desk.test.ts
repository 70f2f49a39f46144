import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMIN, OF_C1, OF_C2, setUp } from './resources-for-tests.ts'

const EVENT = {
  ...{ source: 'edge-1', externalId: 'e-1', host: '203.0.113.5', vector: 'dns_amplification' },
  ...{ bitsPerSecond: 4e8, ports: [53], confidence: 0.8, details: { note: 'from the edge' } },
}

test('a report is taken, its attack is told, and it is listed as it came', async t => {
  const { call } = await setUp(t)

  const taken = await call('POST', '/events', EVENT)
  const again = await call('POST', '/events', EVENT)
  const listed = await call('GET', '/events?source=edge-1&target=203.0.113.5')
  const one = await call('GET', `/events/${taken.body.eventId}`)
  const back = await call('POST', '/events', { ...EVENT, action: 'unban' })

  assert.deepEqual([taken.status, taken.body.outcome], [202, 'accepted'])
  const { isDryRun, ...ids } = taken.body
  assert.equal(isDryRun, true)
  assert.deepEqual(again.body, { ...ids, outcome: 'duplicate' })
  assert.deepEqual(one.body, listed.body.events[0])
  assert.deepEqual([one.body.attackId, one.body.isDryRun], [taken.body.attackId, true])
  assert.deepEqual(one.body.details, EVENT.details)
  assert.equal(one.body.bitsPerSecond, 4e8)
  assert.equal(back.body.outcome, 'withdrawn')
})

test('reports are listed page by page, by outcome and time, and no further than the caller reaches', async t => {
  const { call, clock } = await setUp(t)
  for (const last of [1, 2, 3]) {
    clock.now += 1000
    await call('POST', '/events', { ...EVENT, externalId: `e-${last}`, host: `203.0.113.${last}` })
  }
  await call('POST', '/events', { ...EVENT, externalId: 'e-9', host: '198.51.100.9' })

  const first = await call('GET', '/events?limit=2')
  const second = await call('GET', `/events?limit=2&cursor=${first.body.nextCursor}`)
  const notOurs = await call('GET', '/events?outcome=not-ours')
  const since = await call('GET', `/events?since=${new Date(clock.now).toISOString()}`)
  const theirs = await call('GET', '/events', undefined, OF_C1)
  const hidden = await call('GET', '/events', undefined, OF_C2)
  const one = await call('GET', `/events/${theirs.body.events[0].id}`, undefined, OF_C2)

  const hosts = ({ events }: { events: { host: string }[] }) => events.map(({ host }) => host)
  assert.deepEqual(hosts(first.body), ['198.51.100.9', '203.0.113.3'])
  assert.deepEqual(hosts(second.body), ['203.0.113.2', '203.0.113.1'])
  assert.equal(second.body.nextCursor, undefined)
  assert.deepEqual(hosts(notOurs.body), ['198.51.100.9'])
  assert.deepEqual(hosts(since.body), ['198.51.100.9', '203.0.113.3'])
  assert.deepEqual(hosts(theirs.body), ['203.0.113.3', '203.0.113.2', '203.0.113.1'])
  assert.deepEqual(hosts(hidden.body), [])
  assert.equal(one.body.code, 'unknown-event')
})

test('what is nobody of theirs is answered alike, and nonsense is refused', async t => {
  const { call } = await setUp(t)

  const foreign = await call('POST', '/events', EVENT, OF_C2)
  const vector = await call('POST', '/events', { ...EVENT, vector: 'no_such_thing' }, ADMIN)
  const host = await call('POST', '/events', { ...EVENT, host: '203.0.113.0/24' })
  const large = await call('POST', '/events', { ...EVENT, details: 'x'.repeat(9000) })

  assert.deepEqual(foreign.body, { outcome: 'not-ours' })
  assert.deepEqual([vector.status, vector.body.code], [422, 'unknown-vector'])
  assert.equal(host.body.errors[0].at, 'host')
  assert.equal(large.body.errors[0].at, 'details')
})

test('an answer that could not wait for the disk says so', async t => {
  const { call, state } = await setUp(t)
  t.mock.method(state, 'keepEvent', async () => ({ kind: 'full' }) as const)

  const { status, body } = await call('POST', '/events', EVENT)

  assert.deepEqual([status, body.outcome, body.isKept], [202, 'accepted', false])
})
