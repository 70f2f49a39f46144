import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { inventoryFrom, playbooksFrom } from '#6-policy/playbooks-for-tests.ts'
import { correlationRoutes } from '#compat/prefixd/api/correlation-routes.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { INVENTORY, PLAYBOOKS } from '../intake/intake-for-tests.ts'
import { correlationDesk } from './correlation-desk.ts'
import { ban, OF_C2, type Settings, setUp } from './prefixd-for-tests.ts'

const CONFIG = {
  ...{ enabled: true, window_seconds: 300, min_sources: 2, confidence_threshold: 0.7, default_weight: 1 },
  confidence_decay_half_life_seconds: 0,
  sources: {
    alertmanager: { weight: 0.8 },
    router: { mode: 'corroborating', match_dimensions: ['customer_id', 'pop'] },
  },
}

const withCorrelation = (t: TestContext, settings: Settings = {}) =>
  setUp(t, { ...settings, more: (_receiving, parts) => correlationRoutes(correlationDesk(parts)) })

type Run = Awaited<ReturnType<typeof withCorrelation>>
const enable = async ({ call }: Run) =>
  assert.equal((await call('PUT', '/v1/config/correlation', CONFIG)).status, 200)
const event = (source: string, changes = {}) => ban({ event_id: source, source, ...changes })

test('GET /v1/config/correlation: nothing has to agree until somebody says so', async t => {
  const { call } = await withCorrelation(t)

  const { body } = await call('GET', '/v1/config/correlation')

  assert.deepEqual(
    [body.config.enabled, body.config.window_seconds, body.config.min_sources],
    [false, 300, 1],
  )
  assert.equal((await call('POST', '/v1/events', event('det'))).body.status, 'accepted')
  assert.equal((await call('GET', '/v1/signal-groups')).body.count, 0)
})

test('PUT /v1/config/correlation: it is kept and audited; what is wrong is told all at once', async t => {
  const run = await withCorrelation(t)
  await enable(run)

  const { body } = await run.call('GET', '/v1/config/correlation')
  const bad = {
    min_sources: 0,
    confidence_threshold: 2,
    window_seconds: 10,
    confidence_decay_half_life_seconds: 101,
  }
  const wrong = await run.call('PUT', '/v1/config/correlation', bad)
  const late = await run.call('PUT', '/v1/config/correlation', {
    ...bad,
    min_sources: 1,
    confidence_threshold: 1,
  })

  assert.deepEqual(body.config.sources.alertmanager, {
    ...{ weight: 0.8, type: null, mode: 'primary', match_dimensions: [], confidence_mapping: {} },
  })
  assert.equal(wrong.status, 400)
  assert.equal(wrong.body.errors.length, 3)
  assert.match(
    late.body.errors[0],
    /^confidence_decay_half_life_seconds: must not exceed 10 x window_seconds$/,
  )
  assert.equal((await run.call('GET', '/v1/config/correlation')).body.config.min_sources, 2)
})

test('DELETE /v1/config/correlation: the configuration counts again, and the audit has who did it', async t => {
  const run = await withCorrelation(t)
  await enable(run)

  const gone = await run.call('DELETE', '/v1/config/correlation')
  const again = await run.call('DELETE', '/v1/config/correlation')

  assert.deepEqual([gone.status, gone.body.config.enabled, gone.body.config.min_sources], [200, false, 1])
  assert.deepEqual([again.status, again.body.config], [200, gone.body.config])
  const entries = run.store.audit().filter(({ target }) => target === 'correlation')
  assert.deepEqual(
    entries.map(({ who, what, before, after }) => [who, what, Object(before).enabled, Object(after).enabled]),
    [
      ['token:script', 'configure', false, true],
      ['token:script', 'configure', true, false],
      ['token:script', 'configure', false, false],
    ],
  )
})

test('a report waits until a second detector agrees, and then one attack is made of both', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const { call } = run

  const first = await call('POST', '/v1/events', event('fastnetmon'))
  const waiting = await call('GET', '/v1/signal-groups?status=open')
  const second = await call('POST', '/v1/events', event('alertmanager', { confidence: 0.6 }))
  const third = await call('POST', '/v1/events', event('fastnetmon', { event_id: 'more' }))
  const { body: group } = await call('GET', `/v1/signal-groups/${first.body.signal_group_id}`)

  assert.deepEqual(
    [first.status, first.body.status, first.body.mitigation_id],
    [202, 'accepted_no_mitigation', null],
  )
  assert.deepEqual([waiting.body.count, waiting.body.groups[0].corroboration_met], [1, false])
  assert.equal(second.body.status, 'accepted')
  assert.equal(third.body.status, 'extended')
  assert.deepEqual([group.status, group.source_count, group.corroboration_met], ['resolved', 2, true])
  assert.equal(group.derived_confidence.toFixed(3), '0.948')
  assert.deepEqual(
    group.events.map(({ source, source_weight }: { source: string; source_weight: number }) => [
      source,
      source_weight,
    ]),
    [
      ['fastnetmon', 1],
      ['alertmanager', 0.8],
      ['fastnetmon', 1],
    ],
  )
})

test('a mitigation says which detectors agreed on it, and null when none had to', async t => {
  const run = await withCorrelation(t)
  const { call } = run
  const alone = await call('POST', '/v1/events', event('det', { victim_ip: '203.0.113.30' }))
  await enable(run)
  const { body: first } = await call('POST', '/v1/events', event('fastnetmon'))
  const { body: made } = await call('POST', '/v1/events', event('alertmanager', { confidence: 0.6 }))

  const { body: before } = await call('GET', `/v1/mitigations/${alone.body.mitigation_id}`)
  const { body: shown } = await call('GET', `/v1/mitigations/${made.mitigation_id}`)
  const { body: group } = await call('GET', `/v1/signal-groups/${first.signal_group_id}`)

  assert.equal(before.correlation, null)
  assert.deepEqual(shown.correlation, {
    ...{ signal_group_id: first.signal_group_id, derived_confidence: group.derived_confidence },
    ...{ source_count: 2, corroboration_met: true, contributing_sources: ['alertmanager', 'fastnetmon'] },
    explanation: group.explanation,
  })
  assert.equal(shown.correlation.derived_confidence.toFixed(3), '0.948')
  assert.match(shown.correlation.explanation, /2 detectors agree/)
})

test('a group expires with its window, and what is taken back no longer counts', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const { call } = run

  await call('POST', '/v1/events', event('fastnetmon'))
  await call('POST', '/v1/events', event('fastnetmon', { action: 'unban' }))
  const second = await call('POST', '/v1/events', event('alertmanager'))
  run.clock.now += 301_000
  const third = await call('POST', '/v1/events', event('fastnetmon'))

  assert.equal(second.body.status, 'accepted_no_mitigation')
  assert.equal(third.body.status, 'accepted_no_mitigation')
  const { body } = await call('GET', '/v1/signal-groups')
  assert.deepEqual(
    body.groups.map(({ status }: { status: string }) => status),
    ['open', 'expired'],
  )
})

test('a source that only corroborates is refused at /v1/events, and makes groups of its customer surer', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const { call } = run
  const tell = (body: object) =>
    call('POST', '/v1/signals/corroborator', { source: 'router', confidence: 0.9, ...body })

  const refused = await call('POST', '/v1/events', event('router'))
  const early = await tell({ customer_id: 'c1', vector: 'syn_flood' })
  const cached = await call('GET', '/v1/signals/corroborator/cache?source=router')
  const first = await call('POST', '/v1/events', event('fastnetmon', { confidence: 0.5 }))
  const attached = await tell({ customer_id: 'c1' })
  const again = await call('POST', '/v1/events', event('fastnetmon', { event_id: 'b', confidence: 0.5 }))
  const syn = await call('POST', '/v1/events', event('other', { vector: 'syn_flood' }))

  assert.deepEqual(
    [refused.status, refused.body.error],
    [400, "invalid request: source 'router' is corroborating only"],
  )
  assert.equal(
    (await call('GET', '/v1/events')).body.events.every(
      (kept: { source: string }) => kept.source !== 'router',
    ),
    true,
  )
  assert.deepEqual([early.body.status, cached.body.total], ['cached', 1])
  assert.equal(first.body.status, 'accepted_no_mitigation')
  assert.deepEqual(
    [attached.body.status, attached.body.attached_group_ids],
    ['attached', [first.body.signal_group_id]],
  )
  assert.equal(again.body.status, 'accepted')
  assert.equal(syn.body.status, 'accepted')
  const { body: activity } = await call('GET', '/v1/signals/corroborator/activity?minutes=5')
  assert.deepEqual([activity.sources[0].source, activity.sources[0].count], ['router', 2])
})

test('corroborators must be configured and say whom they mean', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const tell = (body: object) => run.call('POST', '/v1/signals/corroborator', body)

  assert.equal((await tell({ source: 'router' })).status, 400)
  assert.equal((await tell({ source: 'stranger', pop: 'p1' })).status, 400)
  assert.equal((await tell({ pop: 'p1' })).status, 400)
  assert.equal((await run.call('GET', '/v1/signals/corroborator/activity?minutes=0')).status, 400)
})

test('a corroborator may name the interface behind which a host is', async t => {
  const asset = { prefix: '203.0.113.10', service: 'dns', interface: 'edge1:xe-0/0/1' }
  const inventory = inventoryFrom({ customers: [{ ...INVENTORY.customers[0], assets: [asset] }] })
  const run = await withCorrelation(t, { context: { inventory } })
  const sources = { router: { mode: 'corroborating', match_dimensions: ['interface'] } }
  await run.call('PUT', '/v1/config/correlation', { ...CONFIG, sources })
  const tell = (port: string) =>
    run.call('POST', '/v1/signals/corroborator', { source: 'router', confidence: 0.9, interface: port })

  const waiting = await run.call('POST', '/v1/events', event('fastnetmon', { confidence: 0.5 }))
  const elsewhere = await tell('edge1:xe-0/0/2')
  const there = await tell('edge1:xe-0/0/1')

  assert.deepEqual([elsewhere.body.status, there.body.status], ['cached', 'attached'])
  assert.deepEqual(there.body.attached_group_ids, [waiting.body.signal_group_id])
})

test('a playbook says how detectors have to agree on what it answers, and the others go by what holds for all', async t => {
  const [udp, syn] = PLAYBOOKS
  const playbooks = playbooksFrom([udp, { ...syn, agreement: { minSources: 1, threshold: 0.6 } }])
  const run = await withCorrelation(t, { context: { playbooks } })
  await enable(run)
  const { call } = run
  const of = (vector: string, confidence: number, name: string) =>
    call(
      'POST',
      '/v1/events',
      event(name, { event_id: vector, vector, confidence, victim_ip: '203.0.113.30' }),
    )

  const alone = await of('syn_flood', 0.6, 'fastnetmon')
  const waits = await of('udp_flood', 0.9, 'fastnetmon')
  const unsure = await call('POST', '/v1/events', event('radar', { vector: 'syn_flood', confidence: 0.5 }))

  assert.deepEqual(
    [alone, waits, unsure].map(({ body }) => body.status),
    ['accepted', 'accepted_no_mitigation', 'accepted_no_mitigation'],
  )
  const { body: shown } = await call('GET', `/v1/mitigations/${alone.body.mitigation_id}`)
  assert.deepEqual(shown.correlation.contributing_sources, ['fastnetmon'])
})

test('GET /metrics: groups and corroborators are counted by prefixd’s names', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const before = await run.call('GET', '/metrics')
  const tell = (customer: string) =>
    run.call('POST', '/v1/signals/corroborator', { source: 'router', confidence: 0.5, customer_id: customer })
  await run.call('POST', '/v1/events', event('fastnetmon'))
  await run.call('POST', '/v1/events', event('alertmanager', { confidence: 0.6 }))
  await run.call('POST', '/v1/events', event('radar', { victim_ip: '203.0.113.11', confidence: 0.2 }))
  await tell('c1')
  await tell('c9')
  const during = await run.call('GET', '/metrics')
  run.clock.now += 301_000
  await run.call('GET', '/v1/signal-groups')

  const after = await run.call('GET', '/metrics')

  const linesOf = ({ text }: { readonly text: string }) => new Set(text.split('\n'))
  const has = (page: { readonly text: string }, ...lines: string[]) => {
    for (const line of lines) assert.ok(linesOf(page).has(`prefixd_${line}`), `${line}\n${page.text}`)
  }
  has(before, 'signal_groups_total 0', 'corroboration_met_total 0', 'corroboration_timeout_total 0')
  has(before, 'signal_group_sources_count 0', 'correlation_confidence_count 0')
  has(during, 'signal_groups_total 2', 'corroboration_met_total 1', 'corroboration_timeout_total 0')
  has(during, 'corroborator_ingested_total{source="router"} 2')
  has(during, 'corroborator_attached_total{source="router"} 2', 'corroborator_cache_size{source="router"} 1')
  has(after, 'corroboration_met_total 1', 'corroboration_timeout_total 1')
  has(after, 'signal_group_sources_bucket{le="1"} 0', 'signal_group_sources_bucket{le="2"} 2')
  has(after, 'correlation_confidence_bucket{le="0.9"} 1', 'correlation_confidence_bucket{le="1"} 2')
  has(after, 'corroborator_expired_total{source="router"} 1')
  assert.doesNotMatch(after.text, /^prefixd_corroborator_cache_size\{/m)
})

test('groups are paged, and those of another customer are as if they were not there', async t => {
  const run = await withCorrelation(t)
  await enable(run)
  const hosts = ['203.0.113.10', '203.0.113.11', '203.0.113.12']
  for (const victim_ip of hosts) await run.call('POST', '/v1/events', event(`d${victim_ip}`, { victim_ip }))

  const first = await run.call('GET', '/v1/signal-groups?limit=2')
  const second = await run.call('GET', `/v1/signal-groups?limit=2&cursor=${first.body.next_cursor}`)
  const id = first.body.groups[0].group_id

  assert.deepEqual(
    [first.body.count, first.body.has_more, second.body.count, second.body.has_more],
    [2, true, 1, false],
  )
  assert.equal((await run.call('GET', '/v1/signal-groups', undefined, { as: OF_C2 })).body.count, 0)
  assert.equal((await run.call('GET', `/v1/signal-groups/${id}`, undefined, { as: OF_C2 })).status, 404)
  assert.equal((await run.call('GET', '/v1/signal-groups/nonsense')).status, 400)
})

test('a restart loses nothing of what detectors said: who waited still waits, and what was taken back stays so', async t => {
  const directory = temporaryFolder(t)
  const before = await withCorrelation(t, { directory })
  await enable(before)
  const told = { source: 'router', confidence: 0.9, customer_id: 'c1', vector: 'syn_flood' }
  const waiting = await before.call('POST', '/v1/events', event('fastnetmon'))
  const other = { victim_ip: '203.0.113.11' }
  await before.call('POST', '/v1/events', event('radar', other))
  await before.call('POST', '/v1/events', event('radar', { ...other, action: 'unban' }))
  const cached = await before.call('POST', '/v1/signals/corroborator', told)
  await before.close()

  const run = await withCorrelation(t, { directory, now: before.clock.now + 200_000 })
  const left = await run.call('GET', '/v1/signal-groups?status=open')
  const kept = await run.call('GET', '/v1/signals/corroborator/cache?source=router')
  const agreed = await run.call('POST', '/v1/events', event('alertmanager', { confidence: 0.6 }))
  const alone = await run.call('POST', '/v1/events', event('alertmanager', { ...other, event_id: 'b' }))
  const syn = await run.call(
    'POST',
    '/v1/events',
    event('fastnetmon', { event_id: 's', vector: 'syn_flood' }),
  )

  assert.equal(left.body.count, 2)
  assert.deepEqual([cached.body.status, kept.body.total], ['cached', 1])
  assert.equal(agreed.body.status, 'accepted')
  const { body: mitigation } = await run.call('GET', `/v1/mitigations/${agreed.body.mitigation_id}`)
  assert.equal(mitigation.correlation.signal_group_id, waiting.body.signal_group_id)
  assert.deepEqual(mitigation.correlation.contributing_sources, ['alertmanager', 'fastnetmon'])
  assert.equal(alone.body.status, 'accepted_no_mitigation')
  assert.equal(syn.body.status, 'accepted')
  await run.close()

  const later = await withCorrelation(t, { directory, now: before.clock.now + 301_000 })
  const over = await later.call('POST', '/v1/events', event('fastnetmon', { event_id: 'late', ...other }))

  assert.equal(over.body.status, 'accepted_no_mitigation')
  assert.notEqual(over.body.signal_group_id, alone.body.signal_group_id)
})
