import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { signatureOf } from '#compat/prefixd/api/signals-auth.ts'
import { signalsSchema } from '#compat/prefixd/api/signals-config.ts'
import { signalRoutes } from '#compat/prefixd/api/signals-routes.ts'
import { setUp } from './prefixd-for-tests.ts'
import { signalDesk } from './signal-desk.ts'

const WEBHOOKS = [
  {
    name: 'radar',
    auth: { type: 'hmac', secretEnv: 'RADAR' },
    rootPath: '$.attacks[*]',
    fields: { victimIp: '$.ip', vector: 'kind', sourceId: 'id' },
  },
  { name: 'probe', auth: { type: 'bearer', secretEnv: 'PROBE' }, fields: { victimIp: '$.ip' } },
  { name: 'open', auth: { type: 'none' }, fields: { victimIp: '$.ip' } },
  { name: 'off', enabled: false, auth: { type: 'none' }, fields: { victimIp: '$.ip' } },
  { name: 'unset', auth: { type: 'hmac', secretEnv: 'NOTHING' }, fields: { victimIp: '$.ip' } },
]

const withSignals = (t: TestContext) => {
  const config = signalsSchema.parse({ webhooks: WEBHOOKS })
  const signals = signalDesk({ config: () => config, environment: { RADAR: 'my-secret', PROBE: 'token' } })
  return setUp(t, { more: receiving => signalRoutes(receiving, signals) })
}

const alert = (changes: object = {}) => ({
  ...{ status: 'firing', fingerprint: 'f1', startsAt: '2030-01-02T03:04:05.123456789Z' },
  labels: { alertname: 'UDPFlood', victim_ip: '203.0.113.10', severity: 'critical' },
  ...changes,
})

test('POST /v1/signals/alertmanager: firing bans, resolved unbans, and each alert has its status', async t => {
  const { call } = await withSignals(t)
  const tell = (...alerts: object[]) => call('POST', '/v1/signals/alertmanager', { version: '4', alerts })

  const fired = await tell(alert(), { ...alert({ fingerprint: 'f2' }), labels: { instance: 'nobody' } })
  const again = await tell(alert(), alert({ fingerprint: 'f3' }), { status: 'maybe' })
  const over = await tell(alert({ status: 'resolved' }), alert({ status: 'resolved' }))

  assert.equal(fired.status, 200)
  assert.deepEqual([fired.body.processed, fired.body.failed], [1, 1])
  assert.deepEqual(
    [fired, again, over].map(({ body }) => body.results.map(({ status }: { status: string }) => status)),
    [
      ['accepted', 'error'],
      ['duplicate', 'extended', 'error'],
      ['withdrawn', 'withdrawn_noop'],
    ],
  )
  assert.match(fired.body.results[1].error, /^invalid IP address: 'nobody'$/)
  assert.equal(fired.body.results[0].mitigation_id, over.body.results[0].mitigation_id)
  const { text } = await call('GET', '/metrics')
  assert.match(text, /prefixd_events_ingested_total\{source="alertmanager",vector="udp_flood"\} 4/)
  assert.match(text, /prefixd_events_rejected_total\{source="alertmanager",reason="duplicate"\} 1/)
})

test('POST /v1/signals/alertmanager: what is malformed is 400', async t => {
  const { call } = await withSignals(t)

  for (const body of ['{', '[]', '{"alerts":{}}', '{}'])
    assert.equal((await call('POST', '/v1/signals/alertmanager', body)).status, 400, body)
})

test('POST /v1/signals/fastnetmon: 202 with an event, 400 for an address, 422 for what does not fit', async t => {
  const { call } = await withSignals(t)
  const tell = (body: object) => call('POST', '/v1/signals/fastnetmon', body)
  const details = { attack_uuid: 'u1', incoming_udp_pps: 900, total_incoming_pps: 1000 }

  const banned = await tell({
    action: 'ban',
    ip: '203.0.113.10',
    alert_scope: 'host',
    attack_details: details,
  })
  const unbanned = await tell({ action: 'unban', ip: '203.0.113.10', attack_details: details })

  assert.equal(banned.status, 202)
  assert.deepEqual([banned.body.status, banned.body.external_event_id], ['accepted', 'u1'])
  assert.deepEqual([unbanned.status, unbanned.body.status], [202, 'withdrawn'])
  assert.equal((await tell({ action: 'ban', ip: 'x' })).status, 400)
  assert.equal((await tell({ action: 'explode', ip: '203.0.113.10' })).status, 422)
})

test('POST /v1/signals/webhook: a signature over the very bytes is needed, and each match is an event', async t => {
  const { call } = await withSignals(t)
  const body = '{"attacks": [ {"ip":"203.0.113.10", "kind":"udp_flood", "id":1}, {"ip":"?"} ]}'
  const tell = (signature: string, text = body) =>
    call('POST', '/v1/signals/webhook/radar', text, { headers: { 'x-signature-sha256': signature } })
  const right = signatureOf('my-secret', Buffer.from(body))

  const fine = await tell(`sha256=${right}`)

  assert.equal(fine.status, 200)
  assert.deepEqual([fine.body.processed, fine.body.failed], [1, 1])
  assert.equal(fine.body.results[0].status, 'accepted')
  assert.equal((await tell(right)).body.results[0].status, 'duplicate')
  assert.equal((await tell(right, body.replace(': [', ':['))).status, 401)
  for (const wrong of ['', 'sha256=', '0'.repeat(64), `${right}00`])
    assert.equal((await tell(wrong)).status, 401)
})

test('POST /v1/signals/webhook: tokens, open doors, doors that are shut or unknown, and secrets that are not set', async t => {
  const { call } = await withSignals(t)
  const tell = (name: string, headers = {}) =>
    call('POST', `/v1/signals/webhook/${name}`, { ip: '203.0.113.10' }, { headers })

  assert.equal((await tell('probe', { authorization: 'Bearer token' })).status, 200)
  assert.equal((await tell('probe', { authorization: 'Bearer tokem' })).status, 401)
  assert.equal((await tell('probe')).status, 401)
  assert.equal((await tell('open')).status, 200)
  assert.equal((await tell('off')).status, 404)
  assert.equal((await tell('constructor')).status, 404)
  assert.equal((await tell('unset')).status, 503)
})
