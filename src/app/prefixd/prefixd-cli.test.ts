import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configRoutes } from '#compat/prefixd/api/config-routes.ts'
import { correlationRoutes } from '#compat/prefixd/api/correlation-routes.ts'
import { configWith } from '../engine-for-tests.ts'
import { configDesk } from './config-desk.ts'
import { correlationDesk } from './correlation-desk.ts'
import { ban, setUp } from './prefixd-for-tests.ts'

const AT = '2030-01-02T03:04:05.000Z'
const DONE = {
  ...{ at: AT, changed: [], overruled: [], needsRestart: [], endedBans: 0, problems: [] },
}

test('what prefixd’s operator CLI asks is answered, with all that it prints', async t => {
  const desk = configDesk({
    ...{ config: () => configWith({}), file: undefined, pop: 'p1', now: () => 0 },
    reload: async () => ({ kind: 'done', value: DONE }),
    status: async () => ({ enforcers: [] }),
  })
  const { call } = await setUp(t, {
    more: (_receiving, parts) => [...configRoutes(desk), ...correlationRoutes(correlationDesk(parts))],
  })
  const source = { mode: 'corroborating', match_dimensions: ['pop'] }
  await call('PUT', '/v1/config/correlation', { sources: { telemetry: source } })
  await call('POST', '/v1/events', ban())

  // status, peers
  const detail = await call('GET', '/v1/health/detail')
  // reload
  const reloaded = await call('POST', '/v1/config/reload')
  // mitigations list: its values are not encoded
  const listed = await call('GET', '/v1/mitigations?limit=50&status=active,pending&customer_id=c1')
  const [{ mitigation_id: id, ...shown }] = listed.body.mitigations
  // mitigations get, withdraw
  const one = await call('GET', `/v1/mitigations/${id}`)
  const gone = await call('POST', `/v1/mitigations/${id}/withdraw`, { operator_id: 'ann', reason: 'done' })
  // safelist add, list, remove
  const added = await call('POST', '/v1/safelist', {
    operator_id: 'ann',
    prefix: '203.0.113.9/32',
    reason: 'x',
  })
  const safe = await call('GET', '/v1/safelist')
  const removed = await call('DELETE', '/v1/safelist/203.0.113.9%2F32')
  // send-corroborator
  const told = { source: 'telemetry', pop: 'p1', confidence: 0.5 }
  const corroborated = await call('POST', '/v1/signals/corroborator', told)

  const { status, active_mitigations: active, database, gobgp, bgp_sessions: sessions } = detail.body
  assert.deepEqual([status, active, database, gobgp], ['healthy', 1, 'connected', { status: 'connected' }])
  assert.deepEqual(sessions, {})
  assert.deepEqual([reloaded.status, reloaded.body.timestamp], [200, AT])
  assert.deepEqual(
    [shown.status, shown.victim_ip, shown.vector, shown.action_type],
    ['active', '203.0.113.10', 'udp_flood', 'police'],
  )
  assert.match(shown.expires_at.slice(0, 19), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.deepEqual([one.status, gone.status, gone.body.status], [200, 200, 'withdrawn'])
  assert.deepEqual([added.status, added.text, removed.status], [201, '', 204])
  assert.deepEqual([safe.body[0].prefix, safe.body[0].reason], ['203.0.113.9/32', 'x'])
  assert.match(safe.body[0].added_at.slice(0, 19), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.deepEqual([corroborated.status, corroborated.body.status], [200, 'cached'])
})
