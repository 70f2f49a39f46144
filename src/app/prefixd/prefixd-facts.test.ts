import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { ban, setUp, VIEWER } from './prefixd-for-tests.ts'

test('GET /v1/health and /v1/health/detail', async t => {
  const { call } = await setUp(t)
  await call('POST', '/v1/events', ban())

  const short = await call('GET', '/v1/health')
  const long = await call('GET', '/v1/health/detail')

  assert.deepEqual(short.body, { status: 'ok', version: '1.2.3', auth_mode: 'hybrid' })
  assert.deepEqual(long.body, {
    ...{ status: 'healthy', version: '1.2.3', pop: 'p1', uptime_seconds: 12, bgp_sessions: {} },
    ...{ active_mitigations: 1, database: 'connected', gobgp: { status: 'connected' }, auth_mode: 'hybrid' },
  })
})

test('every answer has the headers of prefixd, and a request id that is kept when it is fine', async t => {
  const { call } = await setUp(t)

  const kept = await call('GET', '/v1/health', undefined, { headers: { 'x-request-id': 'abc-1_2.3' } })
  const made = await call('GET', '/v1/none', undefined, { headers: { 'x-request-id': 'a b' } })
  const wrong = await call('PUT', '/v1/events', {})

  assert.equal(kept.headers['x-request-id'], 'abc-1_2.3')
  assert.match(String(made.headers['x-request-id']), /^[0-9a-f-]{36}$/)
  for (const { headers } of [kept, made, wrong]) {
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['cache-control'], 'no-store')
  }
  assert.deepEqual([made.status, made.body.error], [404, 'not found'])
  assert.deepEqual([wrong.status, wrong.body.error], [405, 'method not allowed'])
})

test('safelist: a bare list, upsert, removal by %2F and by a plain slash, 404 for what is not there', async t => {
  const { call, store } = await setUp(t)
  const entry = { operator_id: 'ann', prefix: '203.0.113.0/28', reason: 'ours' }

  const added = await call('POST', '/v1/safelist', entry)
  const again = await call('POST', '/v1/safelist', { ...entry, reason: 'still ours' })
  const bare = await call('POST', '/v1/safelist', { operator_id: 'ann', prefix: '2001:db8::9' })
  const wrong = await call('POST', '/v1/safelist', { ...entry, prefix: 'x' })
  const nobody = await call('POST', '/v1/safelist', { prefix: '203.0.113.0/28' })
  const list = await call('GET', '/v1/safelist')
  const gone = await call('DELETE', '/v1/safelist/203.0.113.0%2F28')
  const plain = await call('DELETE', '/v1/safelist/2001:db8::9/128')
  const unknown = await call('DELETE', '/v1/safelist/203.0.113.0%2F28')
  const empty = await call('GET', '/v1/safelist')

  assert.deepEqual([added.status, added.text, again.status, bare.status], [201, '', 201, 201])
  assert.deepEqual([wrong.status, nobody.status], [400, 422])
  assert.deepEqual(
    list.body.map(({ prefix, added_by, reason, expires_at }: Record<string, unknown>) => ({
      ...{ prefix, added_by, reason, expires_at },
    })),
    [
      { prefix: '203.0.113.0/28', added_by: 'ann', reason: 'still ours', expires_at: null },
      {
        prefix: '2001:db8::9/128',
        added_by: 'ann',
        reason: 'no reason given',
        expires_at: null,
      },
    ],
  )
  assert.deepEqual([gone.status, plain.status, unknown.status], [204, 204, 404])
  assert.deepEqual(empty.body, [])
  // Whoever is logged in does it in his own name, whatever the body says; of a token both are known.
  await call('POST', '/v1/safelist', entry, { as: { ...VIEWER, role: 'admin' } })
  const own = await call('GET', '/v1/safelist')
  assert.equal(own.body[0].added_by, 'vera')
  const [first] = store.audit().filter(({ what }) => what === 'safelist')
  assert.deepEqual([first?.who, Object(first?.after).inNameOf], ['token:script', 'ann'])
})

test('GET /v1/stats, /v1/pops: counts of all, the own POP also without any', async t => {
  const { call, clock } = await setUp(t)
  const before = await call('GET', '/v1/pops')
  const { body } = await call('POST', '/v1/events', ban())
  await call('POST', '/v1/events', ban({ event_id: 'b', victim_ip: '203.0.113.11' }))
  await call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, { operator_id: 'a', reason: '' })
  clock.now += 10_000

  const stats = await call('GET', '/v1/stats')
  const pops = await call('GET', '/v1/pops')

  assert.deepEqual(before.body, [{ pop: 'p1', active_mitigations: 0, total_mitigations: 0 }])
  assert.deepEqual(stats.body, {
    ...{ total_active: 1, total_mitigations: 2, total_events: 2, pops: [{ pop: 'p1', active: 1, total: 2 }] },
  })
  assert.deepEqual(pops.body, [{ pop: 'p1', active_mitigations: 1, total_mitigations: 2 }])
})

test('GET /v1/stats, /v1/pops: what nothing was done about is no mitigation, and a restart forgets none', async t => {
  const directory = temporaryFolder(t)
  const before = await setUp(t, { directory })
  const { body } = await before.call('POST', '/v1/events', ban())
  await before.call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, {
    operator_id: 'a',
    reason: '',
  })
  await before.call('POST', '/v1/events', ban({ event_id: 'b', victim_ip: '203.0.113.11' }))
  await before.call('POST', '/v1/events', ban({ event_id: 'c', vector: 'icmp_flood' }))
  await before.close()
  const after = await setUp(t, { directory, now: before.clock.now + 1000 })

  const stats = await after.call('GET', '/v1/stats')
  const series = await after.call('GET', '/v1/stats/timeseries?range=1h')

  assert.deepEqual(stats.body, {
    ...{ total_active: 1, total_mitigations: 2, total_events: 3, pops: [{ pop: 'p1', active: 1, total: 2 }] },
  })
  const counts = series.body.buckets.map(({ count }: { count: number }) => count)
  assert.equal(counts.at(-1) + counts.at(-2), 2)
})

test('GET /v1/stats/timeseries: aligned to the epoch, gaps filled, both ends there', async t => {
  const now = Date.parse('2030-01-02T03:04:05Z')
  const { call, clock } = await setUp(t, { now: now - 6 * 60_000 })
  await call('POST', '/v1/events', ban())
  clock.now = now
  await call('POST', '/v1/events', ban({ event_id: 'a2' }))
  const counts = (body: { buckets: { count: number }[] }) => body.buckets.map(({ count }) => count)
  const sum = (body: { buckets: { count: number }[] }) => counts(body).reduce((all, count) => all + count, 0)

  const six = (await call('GET', '/v1/stats/timeseries?range=6h&bucket=30m&metric=events')).body
  const hour = (await call('GET', '/v1/stats/timeseries?range=1h&bucket=5m&metric=events')).body
  const odd = (await call('GET', '/v1/stats/timeseries?range=3h&bucket=45')).body
  const plain = (await call('GET', '/v1/stats/timeseries?range=nonsense')).body
  const long = (await call('GET', '/v1/stats/timeseries?range=365d&bucket=1h')).body

  assert.equal(six.buckets.length, 13)
  assert.ok(six.buckets.every(({ bucket }: { bucket: string }) => /:(?:00|30):00\.000Z$/.test(bucket)))
  assert.deepEqual(counts(hour), [...Array(11).fill(0), 1, 1])
  assert.equal(hour.buckets.at(-1).bucket, '2030-01-02T03:00:00.000Z')
  assert.ok(odd.buckets.every(({ bucket }: { bucket: string }) => Date.parse(bucket) % (45 * 60_000) === 0))
  assert.deepEqual([plain.metric, plain.buckets.length, sum(plain)], ['mitigations', 25, 1])
  assert.equal(long.buckets.length, 169)
})

test('GET /v1/ip/{ip}/history: whose it is, what was reported and done', async t => {
  const { call } = await setUp(t)
  await call('POST', '/v1/events', ban())

  const known = await call('GET', '/v1/ip/203.0.113.10/history')
  const inside = await call('GET', '/v1/ip/203.0.113.99/history?limit=1')
  const wrong = await call('GET', '/v1/ip/x/history')

  assert.deepEqual(Object.keys(known.body), ['ip', 'customer', 'service', 'events', 'mitigations'])
  assert.deepEqual(known.body.customer, { customer_id: 'c1', name: 'Example', policy_profile: 'normal' })
  assert.deepEqual(known.body.service, { service_id: 'dns', name: 'DNS' })
  assert.deepEqual(Object.keys(known.body.events[0]), [
    ...['event_id', 'source', 'event_timestamp', 'ingested_at', 'vector', 'bps', 'pps', 'confidence'],
  ])
  assert.equal(known.body.mitigations[0].victim_ip, '203.0.113.10')
  // prefixd shows nothing for an address that is only inside a prefix of the customer.
  assert.deepEqual([inside.body.customer.customer_id, inside.body.service], ['c1', null])
  assert.equal(wrong.status, 400)
})

test('the profile of a customer is that of the inventory', async t => {
  const customers = [{ id: 'acme', prefixes: ['203.0.113.0/24'], escalation: 'strict' }]
  const built = buildInventory(inventorySchema.parse({ customers }))
  assert.ok(built.kind === 'ok')
  const { call } = await setUp(t, { context: { inventory: built.inventory } })

  const { body } = await call('GET', '/v1/ip/203.0.113.10/history')

  assert.deepEqual(body.customer, { customer_id: 'acme', name: 'acme', policy_profile: 'strict' })
})

test('GET /v1/audit: an object with pages, or the bare list', async t => {
  const { call } = await setUp(t)
  const { body } = await call('POST', '/v1/events', ban())
  await call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, { operator_id: 'ann', reason: 'over' })

  const object = await call('GET', '/v1/audit?limit=1')
  const next = await call('GET', `/v1/audit?limit=1&cursor=${object.body.next_cursor}`)
  const array = await call('GET', '/v1/audit?format=array')
  const [entry] = array.body

  assert.deepEqual(Object.keys(object.body), ['entries', 'count', 'next_cursor', 'has_more'])
  assert.equal(object.body.has_more, true)
  assert.deepEqual([object.body.entries[0], next.body.entries[0]], array.body.slice(0, 2))
  for (const key of ['audit_id', 'timestamp', 'schema_version', 'actor_type', 'action', 'details'])
    assert.ok(key in entry, key)
  assert.ok(array.body.some((each: Record<string, unknown>) => each['target_id'] === body.mitigation_id))
  assert.ok(array.body.some((each: Record<string, unknown>) => each['actor_type'] === 'detector'))
})

test('GET /v1/reports/incident: Markdown of one or of an address, in which foreign words are text', async t => {
  const { call } = await setUp(t)
  const { body } = await call('POST', '/v1/events', ban())
  const reason = 'a|b <script>\n# c'
  await call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, { operator_id: 'ann', reason })

  const one = await call('GET', `/v1/reports/incident?mitigation_id=${body.mitigation_id}`)
  const all = await call('GET', '/v1/reports/incident?ip=203.0.113.10')
  const none = await call('GET', '/v1/reports/incident')
  const both = await call('GET', `/v1/reports/incident?ip=203.0.113.10&mitigation_id=${body.mitigation_id}`)
  const unknown = await call('GET', '/v1/reports/incident?ip=203.0.113.11')

  assert.match(String(one.headers['content-type']), /^text\/markdown/)
  assert.match(one.text, /^# Incident of 203\.0\.113\.10\n\n## [0-9a-f-]{36}\n\n\| \| \|\n/)
  assert.ok(one.text.includes('| Reason | ann: a\\|b \\<script\\> \\# c |'))
  assert.match(all.text, /^# Incidents of 203\.0\.113\.10\n/)
  assert.deepEqual([none.status, both.status, unknown.status], [400, 400, 404])
})

test('GET /openapi.json names every path that is served, with the bodies it takes', async t => {
  const { call } = await setUp(t)

  const { body } = await call('GET', '/openapi.json')

  assert.equal(body.openapi, '3.1.0')
  assert.equal(body.info.title, 'prefixd API')
  assert.ok(body.paths['/v1/mitigations/{id}/withdraw'].post.requestBody)
  assert.deepEqual(body.paths['/v1/health'].get.security, [])
  assert.ok(body.paths['/v1/events'].post.requestBody.content['application/json'].schema.properties.victim_ip)
  assert.ok(Object.keys(body.paths).length >= 17)
})
