import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ban, setUp } from './prefixd-for-tests.ts'

const KEYS = [
  ...['mitigation_id', 'status', 'customer_id', 'service_id', 'pop', 'victim_ip', 'vector', 'action_type'],
  ...['rate_bps', 'dst_prefix', 'protocol', 'dst_ports', 'created_at', 'updated_at', 'expires_at'],
  ...['withdrawn_at', 'triggering_event_id', 'last_event_id', 'scope_hash', 'reason'],
]
const WHO = { operator_id: 'alice', reason: 'false positive' }

test('GET /v1/mitigations: one item with every key, as the specification shows it', async t => {
  const now = Date.parse('2030-01-02T03:04:05.123Z')
  const { call, clock } = await setUp(t, { now })
  const { body: event } = await call('POST', '/v1/events', ban())
  clock.now += 30_000
  const { body: second } = await call('POST', '/v1/events', ban({ event_id: 'a2' }))

  const { status, body, text } = await call('GET', '/v1/mitigations?status=active&victim_ip=203.0.113.10')

  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body), ['mitigations', 'count', 'next_cursor', 'has_more'])
  const [item] = body.mitigations
  assert.deepEqual(Object.keys(item).slice(0, KEYS.length), KEYS)
  assert.deepEqual(
    { ...Object.fromEntries(KEYS.map(key => [key, item[key]])) },
    {
      mitigation_id: event.mitigation_id,
      ...{ status: 'active', customer_id: 'c1', service_id: 'dns', pop: 'p1', victim_ip: '203.0.113.10' },
      ...{ vector: 'udp_flood', action_type: 'police', rate_bps: 5_000_000, dst_prefix: '203.0.113.10/32' },
      ...{ protocol: 17, dst_ports: [53], created_at: '2030-01-02T03:04:05.123+00:00' },
      ...{ updated_at: '2030-01-02T03:04:35.123+00:00', expires_at: '2030-01-02T03:06:35.123+00:00' },
      ...{ withdrawn_at: null, triggering_event_id: event.event_id, last_event_id: second.event_id },
      scope_hash: '8a9d587b54bd933321efac03eb352da4',
      reason: 'udp_flood to DNS (playbook: udp)',
    },
  )
  assert.equal(item.dry_run, true)
  // The script of prefixd looks for this text when it has no other reader of JSON.
  assert.equal(text.match(/"mitigation_id":"[^"]+"/g)?.length, 1)
})

test('GET /v1/mitigations: filters, pages by offset and by cursor, limits as clients ask', async t => {
  const { call, clock } = await setUp(t)
  const ids: string[] = []
  for (const last of [1, 2, 3, 4, 5]) {
    clock.now += 1000
    const { body } = await call(
      'POST',
      '/v1/events',
      ban({ event_id: `e${last}`, victim_ip: `203.0.113.${last}` }),
    )
    ids.unshift(body.mitigation_id)
  }
  await call('POST', `/v1/mitigations/${ids[0]}/withdraw`, WHO)
  await call('POST', '/v1/mitigations/acknowledge', { mitigation_ids: [ids[1]], operator_id: 'alice' })
  const told = async (query: string) => {
    const { body } = await call('GET', `/v1/mitigations?${query}`)
    return body.mitigations.map((item: Record<string, string>) => ids.indexOf(item['mitigation_id'] ?? ''))
  }

  assert.deepEqual(await told(''), [0, 1, 2, 3, 4])
  assert.deepEqual(await told('status=pending%2Cactive%2Cescalated&limit=1000'), [1, 2, 3, 4])
  assert.deepEqual(await told('status=withdrawn,nonsense'), [0])
  assert.deepEqual(await told('status=nonsense'), [])
  assert.deepEqual(await told('customer_id=c1'), [0, 1, 2, 3, 4])
  assert.deepEqual(await told('customer_id=c2'), [])
  assert.deepEqual(await told('victim_ip=203.0.113.2'), [3])
  assert.deepEqual(await told('victim_ip=nonsense'), [])
  assert.deepEqual(await told('acknowledged=true'), [1])
  assert.deepEqual(await told('acknowledged=false&offset=1&limit=2'), [2, 3])
  assert.deepEqual(await told('limit=0'), [])
  const first = await call('GET', '/v1/mitigations?limit=2')
  assert.deepEqual(await told(`limit=2&cursor=${first.body.next_cursor}`), [2, 3])
  assert.equal((await call('GET', '/v1/mitigations?offset=-1')).status, 400)
  // From a moment on, it included, and before one.
  const moment = (ago: number) => encodeURIComponent(new Date(clock.now - ago).toISOString())
  assert.deepEqual(await told(`start=${moment(2000)}`), [0, 1, 2])
  assert.deepEqual(await told(`start=${moment(2000)}&end=${moment(0)}`), [1, 2])
  assert.equal((await call('GET', '/v1/mitigations?start=today')).status, 400)
})

test('GET /v1/mitigations/{id}: 200, 400 for no UUID, 404 for an unknown one', async t => {
  const { call } = await setUp(t)
  const { body } = await call('POST', '/v1/events', ban())

  const one = await call('GET', `/v1/mitigations/${body.mitigation_id}`)
  const wrong = await call('GET', '/v1/mitigations/4711')
  const unknown = await call('GET', '/v1/mitigations/d9428888-122b-81e1-b85c-61cd3cbb3210')
  const foreign = await call('GET', '/v1/mitigations/d9428888-122b-41e1-b85c-61cd3cbb3210')

  assert.deepEqual([one.status, one.body.mitigation_id], [200, body.mitigation_id])
  assert.deepEqual([wrong.status, unknown.status, foreign.status], [400, 404, 404])
  assert.match(unknown.body.error, /^not found/)
})

test('POST /v1/mitigations/{id}/withdraw: 200 both times, with the reason; bad bodies are refused', async t => {
  const { call } = await setUp(t)
  const { body } = await call('POST', '/v1/events', ban())
  const path = `/v1/mitigations/${body.mitigation_id}/withdraw`

  const missing = await call('POST', path, { reason: 'x' })
  const empty = await call('POST', path, { operator_id: '', reason: 'x' })
  const long = await call('POST', path, { operator_id: 'x'.repeat(65), reason: 'x' })
  const first = await call('POST', path, WHO)
  const second = await call('POST', path, { ...WHO, reason: '' })
  const unknown = await call('POST', '/v1/mitigations/d9428888-122b-81e1-b85c-61cd3cbb3210/withdraw', WHO)

  assert.deepEqual([missing.status, empty.status, long.status], [422, 400, 400])
  assert.deepEqual(
    [first.status, first.body.status, first.body.reason],
    [...[200, 'withdrawn', 'alice: false positive']],
  )
  assert.match(first.body.withdrawn_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$/)
  assert.deepEqual([second.status, second.body], [200, first.body])
  assert.equal(unknown.status, 404)
})

test('POST /v1/mitigations: an order is carried out, bad ones are told why', async t => {
  const { call } = await setUp(t)
  const order = {
    ...{ operator_id: 'alice', reason: 'ticket 7', victim_ip: '203.0.113.77', protocol: 'udp' },
    ...{ dst_ports: [53, 123], action: 'police', rate_bps: 1_000_000, ttl_seconds: 300 },
  }

  const made = await call('POST', '/v1/mitigations', order)
  const again = await call('POST', '/v1/mitigations', order)
  const six = await call('POST', '/v1/mitigations', {
    ...{ ...order, victim_ip: '2001:db8::7', protocol: 'udp', dst_ports: [], action: 'discard' },
  })
  const rows: [changes: Record<string, unknown>, status: number, error: RegExp][] = [
    [{ protocol: 'gre' }, 400, /invalid protocol 'gre', expected: udp, tcp, icmp, any$/],
    [{ rate_bps: null }, 400, /action 'police' requires rate_bps$/],
    [{ action: 'drop' }, 400, /invalid action/],
    [{ victim_ip: 'x' }, 400, /invalid IP address: 'x'$/],
    [{ operator_id: undefined }, 422, /operator_id/],
    [{ ttl_seconds: -1 }, 422, /ttl_seconds/],
    [{ ttl_seconds: 0 }, 422, /^guardrail violation: TTL required but not provided$/],
    [{ ttl_seconds: 5 }, 422, /^guardrail violation: TTL 5s out of bounds \(min=10, max=86400\)$/],
    [{ dst_ports: Array.from({ length: 17 }, (_, at) => 2 * at + 1) }, 422, /too many ports: 17 \(max=16\)$/],
    [{ victim_ip: '198.51.100.1' }, 422, /^guardrail violation: /],
  ]

  assert.equal(made.status, 201)
  const { vector, action_type: action, rate_bps: rate, protocol, dst_ports: ports, reason } = made.body
  assert.deepEqual(
    { vector, action, rate, protocol, ports, reason },
    { vector: 'unknown', action: 'police', rate: 1e6, protocol: 17, ports: [53, 123], reason: 'ticket 7' },
  )
  assert.deepEqual([again.status, again.body.mitigation_id], [201, made.body.mitigation_id])
  assert.deepEqual(
    [six.status, six.body.dst_prefix, six.body.action_type],
    [201, '2001:db8::7/128', 'discard'],
  )
  for (const [changes, status, error] of rows) {
    const answer = await call('POST', '/v1/mitigations', { ...order, ...changes })
    assert.equal(answer.status, status, JSON.stringify(changes))
    assert.match(answer.body.error, error)
  }
})

test('POST /v1/mitigations/withdraw and /acknowledge: each answers for itself, at most 100', async t => {
  const { call } = await setUp(t)
  const one = await call('POST', '/v1/events', ban())
  const two = await call('POST', '/v1/events', ban({ event_id: 'b', victim_ip: '203.0.113.11' }))
  const ids = [one.body.mitigation_id, two.body.mitigation_id, 'none']

  const seen = await call('POST', '/v1/mitigations/acknowledge', {
    mitigation_ids: ids,
    operator_id: 'alice',
  })
  const again = await call('POST', '/v1/mitigations/acknowledge', {
    ...{ mitigation_ids: [ids[0]], operator_id: 'bob' },
  })
  const taken = await call('POST', '/v1/mitigations/withdraw', { mitigation_ids: ids, ...WHO })
  const many = await call('POST', '/v1/mitigations/withdraw', {
    mitigation_ids: Array(101).fill(ids[0]),
    ...WHO,
  })
  const shown = await call('GET', `/v1/mitigations/${ids[0]}`)

  assert.deepEqual([seen.status, seen.body.acknowledged, seen.body.failed], [200, 2, 1])
  assert.deepEqual(seen.body.results[2], {
    ...{ mitigation_id: 'none', status: 'error', error: 'mitigation not found' },
  })
  assert.deepEqual([again.body.acknowledged, again.body.failed], [0, 1])
  assert.deepEqual([taken.status, taken.body.withdrawn, taken.body.failed], [200, 2, 1])
  assert.equal(many.status, 400)
  assert.equal(shown.body.acknowledged_by, 'alice')
  assert.equal(shown.body.status, 'withdrawn')
})

test('scenario steps 1, 2, 4 and 10: extension, another scope, and the TTL', async t => {
  const clockStart = Date.now()
  const { call, pass, clock } = await setUp(t, { now: clockStart })
  // 1, 2: a second report 30 s later extends the same mitigation.
  const first = await call('POST', '/v1/events', ban({ confidence: 0.5 }))
  const began = (await call('GET', `/v1/mitigations/${first.body.mitigation_id}`)).body
  await pass(30)
  const second = await call('POST', '/v1/events', ban({ event_id: 'a2', confidence: 0.5 }))
  const extended = (await call('GET', `/v1/mitigations/${first.body.mitigation_id}`)).body
  assert.equal(second.body.mitigation_id, first.body.mitigation_id)
  assert.equal(Date.parse(began.expires_at) - clockStart, 120_000)
  assert.equal(Date.parse(extended.expires_at) - clockStart, 150_000)
  // 4: another protocol of the same host is another mitigation.
  const syn = await call('POST', '/v1/events', ban({ event_id: 's', vector: 'syn_flood', top_dst_ports: [] }))
  assert.equal(syn.body.status, 'accepted')
  assert.notEqual(syn.body.mitigation_id, first.body.mitigation_id)
  // 10: the TTL passes.
  await pass(Math.ceil((Date.parse(extended.expires_at) - clock.now) / 1000) + 10)
  const after = (await call('GET', `/v1/mitigations/${first.body.mitigation_id}`)).body
  assert.equal(after.status, 'expired')
  // The same name is a new occurrence now.
  const later = await call('POST', '/v1/events', ban())
  assert.equal(later.body.status, 'accepted')
})
