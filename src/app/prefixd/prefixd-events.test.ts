import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ban, OF_C2, setUp } from './prefixd-for-tests.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

test('POST /v1/events: a ban is accepted, a second of its scope extends, and answers have all keys', async t => {
  const { call } = await setUp(t)

  const first = await call('POST', '/v1/events', ban())
  const second = await call('POST', '/v1/events', ban({ event_id: 'a2', extra: { ignored: true } }))
  const unnamed = await call('POST', '/v1/events', ban({ event_id: null }))

  assert.equal(first.status, 202)
  assert.deepEqual(Object.keys(first.body).slice(0, 4), [
    ...['event_id', 'external_event_id', 'status', 'mitigation_id'],
  ])
  assert.match(first.body.event_id, UUID)
  assert.equal(first.body.external_event_id, 'a1')
  assert.equal(first.body.status, 'accepted')
  assert.match(first.body.mitigation_id, UUID)
  assert.deepEqual([second.status, second.body.status], [202, 'extended'])
  assert.equal(second.body.mitigation_id, first.body.mitigation_id)
  assert.deepEqual([unnamed.body.status, unnamed.body.external_event_id], ['extended', null])
})

test('POST /v1/events: 422 names what is missing or unknown, 400 what means nothing', async t => {
  const { call } = await setUp(t)
  for (const field of ['timestamp', 'source', 'victim_ip', 'vector']) {
    const { [field]: _gone, ...rest } = ban() as Record<string, unknown>
    const answer = await call('POST', '/v1/events', rest)
    assert.equal(answer.status, 422, field)
    assert.match(answer.body.error, new RegExp(`: ${field}: `))
  }
  const rows: [changes: Record<string, unknown>, status: number, error: RegExp][] = [
    [{ vector: 'teardrop' }, 422, /vector: unknown variant `teardrop`/],
    [{ bps: 1.5 }, 422, /bps/],
    [{ top_dst_ports: [65_536] }, 422, /top_dst_ports\.0/],
    [{ timestamp: '2030-01-02' }, 422, /timestamp/],
    [{ victim_ip: '999.1.1.1' }, 400, /^invalid request: invalid IP address: '999\.1\.1\.1'$/],
    [{ victim_ip: '203.0.113.0/24' }, 400, /^invalid request: invalid IP address: '203\.0\.113\.0\/24'$/],
    [
      { source: 's'.repeat(1025) },
      400,
      /^invalid request: source exceeds maximum length of 1024 characters$/,
    ],
    [{ event_id: 'e'.repeat(1025) }, 400, /event_id exceeds/],
    [{ action: 'BAN' }, 400, /^invalid request: unknown action: 'BAN', expected 'ban' or 'unban'$/],
  ]
  for (const [changes, status, error] of rows) {
    const answer = await call('POST', '/v1/events', ban(changes))
    assert.equal(answer.status, status, JSON.stringify(changes))
    assert.match(answer.body.error, error)
  }
})

test('POST /v1/events: vectors of ours and of the configuration are known', async t => {
  const { call } = await setUp(t)

  const ours = await call('POST', '/v1/events', ban({ vector: 'dns-amplification' }))
  const underscored = await call('POST', '/v1/events', ban({ vector: 'dns_amplification', event_id: 'b' }))
  const configured = await call('POST', '/v1/events', ban({ vector: 'web_flood', event_id: 'c' }))

  assert.deepEqual([ours.status, underscored.status, configured.status], [202, 202, 202])
})

test('POST /v1/events: what is nobody’s, what no playbook answers, and what rails refuse', async t => {
  const { call } = await setUp(t)

  const foreign = await call('POST', '/v1/events', ban({ victim_ip: '192.0.2.1' }))
  const unanswered = await call('POST', '/v1/events', ban({ vector: 'icmp_flood', event_id: 'i' }))
  const added = await call('POST', '/v1/safelist', { operator_id: 'ann', prefix: '203.0.113.20/32' })
  const safe = await call('POST', '/v1/events', ban({ victim_ip: '203.0.113.20', event_id: 's' }))
  const listed = await call('GET', '/v1/mitigations')

  assert.deepEqual(
    [foreign.status, foreign.body.status, foreign.body.mitigation_id],
    [...[202, 'accepted_no_mitigation', null]],
  )
  assert.equal(unanswered.body.status, 'accepted_no_playbook')
  assert.equal(added.status, 201)
  assert.equal(safe.status, 422)
  assert.equal(safe.body.error, 'guardrail violation: IP 203.0.113.20/32 is safelisted')
  assert.equal(listed.body.count, 0)
})

test('POST /v1/events: a duplicate is 409 while its mitigation lives, and a new occurrence after', async t => {
  const { call } = await setUp(t)
  const first = await call('POST', '/v1/events', ban())

  const again = await call('POST', '/v1/events', ban())
  await call('POST', `/v1/mitigations/${first.body.mitigation_id}/withdraw`, {
    ...{ operator_id: 'ann', reason: 'over' },
  })
  const later = await call('POST', '/v1/events', ban())

  assert.equal(again.status, 409)
  assert.deepEqual(again.body, {
    error: 'duplicate event from det: a1',
    event_id: first.body.event_id,
    mitigation_id: first.body.mitigation_id,
    status: 'active',
  })
  assert.deepEqual([later.status, later.body.status], [202, 'accepted'])
  assert.notEqual(later.body.mitigation_id, first.body.mitigation_id)
})

test('POST /v1/events: with strict duplicates the old 409 comes for ever', async t => {
  const { call } = await setUp(t, { isStrict: true })
  await call('POST', '/v1/events', ban())
  await call('POST', '/v1/events', ban({ action: 'unban' }))

  const later = await call('POST', '/v1/events', ban())

  assert.equal(later.status, 409)
  assert.equal(later.body.error, 'duplicate event from det: a1')
})

test('POST /v1/events: the four answers to an unban', async t => {
  const { call } = await setUp(t)
  const first = await call('POST', '/v1/events', ban())
  await call('POST', '/v1/events', ban({ event_id: 'a2' }))

  const unnamed = await call('POST', '/v1/events', ban({ action: 'unban', event_id: undefined }))
  const unknown = await call('POST', '/v1/events', ban({ action: 'unban', event_id: 'never' }))
  // The id that only extended ends it too.
  const ended = await call('POST', '/v1/events', ban({ action: 'unban', event_id: 'a2' }))
  const over = await call('POST', '/v1/events', ban({ action: 'unban' }))
  const one = await call('GET', `/v1/mitigations/${first.body.mitigation_id}`)

  assert.deepEqual(
    [unnamed.status, unnamed.body.status, unnamed.body.external_event_id],
    [...[202, 'ignored_no_event_id', null]],
  )
  assert.deepEqual([unknown.status, unknown.body.status], [202, 'not_found'])
  assert.deepEqual([ended.status, ended.body.status], [202, 'withdrawn'])
  assert.equal(ended.body.mitigation_id, first.body.mitigation_id)
  assert.deepEqual([over.status, over.body.status], [202, 'no_active_mitigation'])
  assert.deepEqual([one.body.status, one.body.reason], ['withdrawn', 'Detector unban: det'])
})

test('POST /v1/events: the text of the report decides, and its direction is taken', async t => {
  const { call } = await setUp(t)
  const raw = ['Incoming udp pps: 3 packets per second', 'Incoming tcp pps: 90000 packets per second']
  const text = [...raw, 'Incoming syn tcp pps: 89000 packets per second'].join('\n')

  const crude = await call('POST', '/v1/events', ban({ raw_details: { raw: text, direction: 'incoming' } }))
  const out = await call(
    'POST',
    '/v1/events',
    ban({ event_id: 'o', raw_details: { raw: '', direction: 'outgoing' } }),
  )
  const events = await call('GET', '/v1/events')
  const one = await call('GET', `/v1/mitigations/${crude.body.mitigation_id}`)

  assert.equal(one.body.vector, 'syn_flood')
  assert.equal(one.body.protocol, 6)
  // Nobody knows whom it attacks, and a rule against all that a customer sends is never made.
  assert.match(out.body.error, /^guardrail violation: 203\.0\.113\.10 attacks others/)
  assert.deepEqual(
    events.body.events.map(({ direction }: { direction: string }) => direction),
    ['outgoing', 'incoming'],
  )
})

test('POST /v1/events: bodies with raw control characters, 1 MiB, odd types and depths', async t => {
  const { call } = await setUp(t)
  const tabs = JSON.stringify(ban()).replace('"det"', '"de\tt\nx"')
  const long = ban({ event_id: 'long', raw_details: { raw: 'x'.repeat(1_000_000) } })

  const raw = await call('POST', '/v1/events', tabs)
  const million = await call('POST', '/v1/events', long)
  const tooLong = await call('POST', '/v1/events', ban({ raw_details: 'x'.repeat(1 << 20) }))
  const broken = await call('POST', '/v1/events', '{"a":')
  const untyped = await call('POST', '/v1/events', 'a=b', { headers: { 'content-type': 'text/plain' } })
  const deep = await call('POST', '/v1/events', `{"raw_details":${'['.repeat(5000)}${']'.repeat(5000)}}`)
  const list = await call('POST', '/v1/events', [])
  const events = await call('GET', '/v1/events')

  assert.deepEqual([raw.status, million.status], [202, 202])
  assert.equal(events.body.events[1].source, 'de\tt\nx')
  assert.deepEqual([tooLong.status, tooLong.body.error], [413, 'length limit exceeded'])
  assert.deepEqual([broken.status, untyped.status, deep.status, list.status], [400, 415, 400, 422])
  assert.match(untyped.body.error, /Content-Type: application\/json/)
})

test('POST /v1/events: odd times are taken and marked, confidence is clamped, addresses are canonical', async t => {
  const now = Date.parse('2030-01-02T03:04:05Z')
  const { call } = await setUp(t, { now })

  const fine = await call('POST', '/v1/events', ban({ victim_ip: '2001:DB8:0:0::1', confidence: 7 }))
  const future = await call(
    'POST',
    '/v1/events',
    ban({ event_id: 'f', timestamp: '2031-01-01T00:00:00+01:00' }),
  )
  const stale = await call(
    'POST',
    '/v1/events',
    ban({ event_id: 's', timestamp: '2029-01-01 00:00:00.123456789Z' }),
  )
  const events = (await call('GET', '/v1/events')).body.events

  assert.equal(fine.body.timestamp_check, undefined)
  assert.deepEqual([future.body.timestamp_check, stale.body.timestamp_check], ['future', 'stale'])
  assert.deepEqual(
    events.map((event: Record<string, unknown>) => event['timestamp_check']),
    ['stale', 'future', 'ok'],
  )
  assert.deepEqual([events[2].victim_ip, events[2].confidence], ['2001:db8::1', 1])
})

test('GET /v1/events: the object of the specification, newest first, by offset and by cursor', async t => {
  const { call, clock } = await setUp(t)
  for (const last of [1, 2, 3, 4, 5]) {
    clock.now += 1000
    await call('POST', '/v1/events', ban({ event_id: `e${last}`, victim_ip: `203.0.113.${last}` }))
  }

  const all = await call('GET', '/v1/events', undefined, { headers: { 'content-type': 'application/json' } })
  const counted = await call('GET', '/v1/events?limit=2&offset=1')
  const first = await call('GET', '/v1/events?limit=3')
  const second = await call('GET', `/v1/events?limit=3&cursor=${first.body.next_cursor}`)
  const none = await call('GET', '/v1/events?limit=0')
  const many = await call('GET', '/v1/events?limit=99999')
  const wrong = await call('GET', '/v1/events?limit=ten')
  const moment = encodeURIComponent(new Date(clock.now).toISOString())
  const since = await call('GET', `/v1/events?start=${moment}`)
  const before = await call('GET', `/v1/events?end=${moment}&limit=1`)

  const names = ({ body }: typeof all) =>
    body.events.map((event: Record<string, string>) => event['external_event_id'])
  assert.deepEqual(Object.keys(all.body), ['events', 'count', 'next_cursor', 'has_more'])
  assert.deepEqual(Object.keys(all.body.events[0]).slice(0, 14), [
    ...['event_id', 'external_event_id', 'source', 'event_timestamp', 'ingested_at', 'victim_ip', 'vector'],
    ...['protocol', 'bps', 'pps', 'top_dst_ports_json', 'confidence', 'action', 'raw_details'],
  ])
  assert.equal(all.body.events[0].top_dst_ports_json, '[53]')
  assert.deepEqual(names(all), ['e5', 'e4', 'e3', 'e2', 'e1'])
  assert.deepEqual(names(counted), ['e4', 'e3'])
  assert.deepEqual([first.body.has_more, first.body.count], [true, 3])
  assert.deepEqual(
    [names(second), second.body.has_more, second.body.next_cursor],
    [['e2', 'e1'], false, null],
  )
  assert.deepEqual([none.body.events, none.body.count], [[], 0])
  assert.equal(many.body.count, 5)
  assert.equal(wrong.status, 400)
  assert.deepEqual(names(since), ['e5'])
  assert.deepEqual(names(before), ['e4'])
})

test('POST /v1/events/batch: 202 when all are taken, 207 when some are not, 400 for none or too many', async t => {
  const { call } = await setUp(t)

  const fine = await call('POST', '/v1/events/batch', { events: [ban(), ban({ event_id: 'a2' })] })
  const mixed = await call('POST', '/v1/events/batch', {
    events: [ban({ event_id: 'a3' }), ban({ victim_ip: 'x' }), ban(), { source: 'x' }],
  })
  const empty = await call('POST', '/v1/events/batch', { events: [] })
  const many = await call('POST', '/v1/events/batch', { events: Array(101).fill(ban()) })

  assert.equal(fine.status, 202)
  assert.deepEqual([fine.body.accepted, fine.body.rejected], [2, 0])
  assert.deepEqual(
    fine.body.results.map(({ index, status }: { index: number; status: string }) => [index, status]),
    [
      [0, 'accepted'],
      [1, 'extended'],
    ],
  )
  assert.equal(mixed.status, 207)
  assert.deepEqual([mixed.body.accepted, mixed.body.rejected], [1, 3])
  assert.equal(mixed.body.results[1].event_id, '00000000-0000-0000-0000-000000000000')
  assert.equal(mixed.body.results[2].error, 'duplicate event from det: a1')
  assert.equal(mixed.body.results[3].status, 'rejected')
  assert.deepEqual([empty.status, many.status], [400, 400])
})

test('whoever is confined to a customer reports, sees and ends only what is theirs', async t => {
  const { call } = await setUp(t)
  const first = await call('POST', '/v1/events', ban())
  const as = { as: OF_C2 }
  const path = `/v1/mitigations/${first.body.mitigation_id}`

  const reported = await call('POST', '/v1/events', ban({ event_id: 'x' }), as)
  const ended = await call('POST', '/v1/events', ban({ action: 'unban' }), as)
  const events = await call('GET', '/v1/events', undefined, as)
  const list = await call('GET', '/v1/mitigations', undefined, as)
  const one = await call('GET', path, undefined, as)
  const taken = await call('POST', `${path}/withdraw`, { operator_id: 'x', reason: '' }, as)
  const history = await call('GET', '/v1/ip/203.0.113.10/history', undefined, as)
  const report = await call('GET', '/v1/reports/incident?ip=203.0.113.10', undefined, as)
  const still = await call('GET', path)

  assert.equal(reported.body.status, 'accepted_no_mitigation')
  assert.equal(ended.body.status, 'not_found')
  assert.deepEqual([events.body.count, list.body.count], [0, 0])
  assert.deepEqual([one.status, taken.status, report.status], [404, 404, 404])
  assert.deepEqual([history.body.customer, history.body.events], [null, []])
  assert.equal(still.body.status, 'active')
})

test('POST /v1/events: an answer that could not wait for the disk says so, and what was decided holds', async t => {
  const { call, state } = await setUp(t)
  const slow = t.mock.method(state, 'keepEvent', async () => ({ kind: 'late' }) as const)
  const late = await call('POST', '/v1/events', ban())
  slow.mock.restore()

  const shown = await call('GET', `/v1/mitigations/${late.body.mitigation_id}`)
  const fine = await call('POST', '/v1/events', ban({ event_id: 'a2' }))

  assert.deepEqual([late.status, late.body.status, late.body.durable], [202, 'accepted', false])
  assert.equal(shown.body.status, 'active')
  assert.deepEqual([fine.body.status, 'durable' in fine.body], ['extended', false])
})

test('POST /v1/events: 503 while the daemon stops, and nothing is kept, so that the same may be sent again', async t => {
  const { call, intake } = await setUp(t)
  intake.events.stopping()

  const ended = await call('POST', '/v1/events', ban())
  const batch = await call('POST', '/v1/events/batch', { events: [ban()] })
  const order = await call('POST', '/v1/mitigations', {
    ...{ operator_id: 'a', reason: 'r', victim_ip: '203.0.113.77', protocol: 'udp', action: 'discard' },
    ...{ dst_ports: [53], ttl_seconds: 60 },
  })
  intake.events.open()
  const again = await call('POST', '/v1/events', ban())

  assert.deepEqual([ended.status, ended.body.error], [503, 'service shutting down'])
  assert.deepEqual([ended.body.retry_after_seconds, ended.headers['retry-after']], [1, '1'])
  assert.deepEqual([batch.status, batch.body.results[0].error], [207, 'service shutting down'])
  assert.equal(order.status, 503)
  assert.deepEqual([again.status, again.body.status], [202, 'accepted'])
})
