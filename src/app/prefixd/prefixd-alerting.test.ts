import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { alertingRoutes } from '#compat/prefixd/api/alerting-routes.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { AlertRoom } from '../alerts/alert-room.ts'
import { listen } from '../alerts/listener-for-tests.ts'
import { alertingDesk } from './alerting-desk.ts'
import { ban, setUp } from './prefixd-for-tests.ts'

/** A web server that hears alerts, and prefixd's API whose attacks are told to it. */
async function withAlerts(t: TestContext) {
  const { url, heard, until, config } = await listen(t)
  const alerts = new AlertRoom({
    ...{ state: { documents: new DocumentShelf() }, desk: { decisionContext: {} }, log: SILENT, config },
    now: () => Date.parse('2030-01-02T03:04:05Z'),
    store: { ofAttack: () => [] },
  })
  t.after(() => alerts.stop())
  const run = await setUp(t, {
    more: (_receiving, { store, now }) => alertingRoutes(alertingDesk(alerts, store, now)),
  })
  return { ...run, alerts, heard, url, until }
}

test('PUT, GET and test of /v1/config/alerting: what is saved is told, and shown without secrets', async t => {
  const { call, heard, url, until } = await withAlerts(t)
  const destinations = [{ type: 'generic', url, secret: 's' }]

  const put = await call('PUT', '/v1/config/alerting', { destinations, events: ['mitigation.created'] })
  const got = await call('GET', '/v1/config/alerting')
  const tested = await call('POST', '/v1/config/alerting/test', {})
  await until(1)

  assert.equal(put.status, 200)
  assert.deepEqual(got.body, put.body)
  assert.doesNotMatch(got.text, /SECRET/)
  assert.deepEqual([got.body.destinations[0].url, got.body.destinations[0].secret], ['***', '***'])
  assert.deepEqual(
    tested.body.results.map(({ status, error }: { status: string; error: null }) => [status, error]),
    [['ok', null]],
  )
  assert.deepEqual(
    [heard[0]?.['title'], heard[0]?.['victim_ip'], heard[0]?.['pop']],
    ['Test Alert', '203.0.113.1', 'test'],
  )
  const again = await call('PUT', '/v1/config/alerting', got.body)
  assert.equal(again.status, 200)
  assert.equal((await call('POST', '/v1/config/alerting/test', {})).body.results[0].status, 'ok')
})

test('DELETE /v1/config/alerting: who is told is what the configuration says', async t => {
  const { call, url, alerts, store } = await withAlerts(t)
  await call('PUT', '/v1/config/alerting', { destinations: [{ type: 'generic', url }] })

  const gone = await call('DELETE', '/v1/config/alerting')

  assert.deepEqual([gone.status, gone.body], [200, { destinations: [], events: [] }])
  assert.equal(alerts.isSet, false)
  const [last] = store
    .audit()
    .filter(({ target }) => target === 'alerting')
    .slice(-1)
  assert.equal(Object(last?.before).destinations.length, 1)
  assert.doesNotMatch(JSON.stringify(store.audit()), /SECRET/)
})

test('PUT /v1/config/alerting: 400 with all errors, and nothing is changed', async t => {
  const { call } = await withAlerts(t)
  const wrong = await call('PUT', '/v1/config/alerting', {
    destinations: [{ type: 'slack' }, { type: 'generic', url: 'https://10.0.0.1/' }],
  })

  assert.equal(wrong.status, 400)
  assert.equal(wrong.body.errors.length, 2)
  for (const body of [{ destinations: [{ type: 'pigeon' }] }, { destinations: 7 }, '{'])
    assert.equal((await call('PUT', '/v1/config/alerting', body)).status, 400)
  assert.deepEqual((await call('GET', '/v1/config/alerting')).body, { destinations: [], events: [] })
})

test('an attack is told when something is done about it and when that is over', async t => {
  const { call, book, alerts, heard, url, until } = await withAlerts(t)
  await call('PUT', '/v1/config/alerting', { destinations: [{ type: 'generic', url }] })
  const { body } = await call('POST', '/v1/events', ban())
  const [attack] = book.open
  assert.ok(attack)

  alerts.opened(attack, { kind: 'act', actions: [], reasons: ['a playbook answers'] })
  alerts.ended({ ...attack, state: 'ended', endedAt: 0, endedBy: 'operator' })
  alerts.ended({ ...attack, state: 'ended', endedAt: 0, endedBy: 'operator' })
  alerts.opened(attack, {
    kind: 'refused',
    refusals: [{ allowed: false, rail: 'safelist', reason: 'it is safelisted' }],
  })
  alerts.reloaded(['playbooks'])
  await until(4)

  assert.deepEqual(
    heard.map(alert => `${alert['event_type']} ${alert['severity']}`),
    [
      'mitigation.created warning',
      'mitigation.withdrawn info',
      'guardrail.rejected warning',
      'config.reloaded info',
    ],
  )
  assert.deepEqual(
    [heard[0]?.['mitigation_id'], heard[1]?.['mitigation_id']],
    [body.mitigation_id, body.mitigation_id],
  )
  assert.deepEqual([heard[0]?.['victim_ip'], heard[0]?.['vector']], ['203.0.113.10', 'udp_flood'])
})
