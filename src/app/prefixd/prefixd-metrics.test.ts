import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseExposition } from '#export/prometheus/strict-parser.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'
import { ban, setUp } from './prefixd-for-tests.ts'

/** The names of 0.14.1. */
const NAMES = [
  ...['events_ingested_total', 'events_rejected_total', 'mitigations_active', 'mitigations_created_total'],
  ...['mitigations_expired_total', 'mitigations_withdrawn_total', 'announcements_total'],
  ...['announcements_latency_seconds', 'bgp_session_up', 'guardrail_rejections_total'],
  ...['reconciliation_runs_total', 'reconciliation_active_count', 'config_reload_total', 'escalations_total'],
  ...['db_row_parse_errors_total', 'db_pool_connections', 'http_requests_total'],
  ...['http_request_duration_seconds', 'http_in_flight_requests', 'alerts_sent_total'],
]

test('GET /metrics: prefixd’s names are there before anything happened, and count what happens', async t => {
  const { call } = await setUp(t)
  const before = await call('GET', '/metrics')
  const { body } = await call('POST', '/v1/events', ban())
  await call('POST', '/v1/events', ban())
  await call('POST', '/v1/safelist', { operator_id: 'a', prefix: '203.0.113.99' })
  await call('POST', '/v1/events', ban({ event_id: 'b', victim_ip: '203.0.113.99' }))
  const during = await call('GET', '/metrics')
  await call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, { operator_id: 'a', reason: '' })
  await call('GET', '/v1/none')
  const after = await call('GET', '/metrics')

  for (const name of NAMES) assert.ok(before.text.includes(`# TYPE prefixd_${name} `), name)
  assert.match(String(before.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.ok(before.text.startsWith('# HELP ours Ours.\n'))
  const lines = (text: string) => new Set(text.split('\n'))
  const labels = 'action_type="police",pop="p1"'
  assert.ok(lines(before.text).has(`prefixd_mitigations_created_total{${labels}} 0`))
  for (const line of [
    `prefixd_mitigations_created_total{${labels}} 1`,
    `prefixd_mitigations_active{${labels}} 1`,
    'prefixd_events_ingested_total{source="det",vector="udp_flood"} 1',
    'prefixd_events_rejected_total{source="det",reason="duplicate"} 1',
    'prefixd_guardrail_rejections_total{reason="safelist"} 1',
    'prefixd_announcements_total{status="success"} 1',
    'prefixd_announcements_latency_seconds_count 1',
    'prefixd_http_requests_total{method="POST",route="/v1/events",status_class="2xx"} 1',
    'prefixd_http_requests_total{method="POST",route="/v1/events",status_class="4xx"} 2',
    'prefixd_http_in_flight_requests{method="POST",route="/v1/events"} 0',
  ])
    assert.ok(lines(during.text).has(line), `${line}\n${during.text}`)
  assert.ok(lines(after.text).has(`prefixd_mitigations_withdrawn_total{${labels},reason="operator"} 1`))
  assert.ok(lines(after.text).has(`prefixd_mitigations_active{${labels}} 0`))
  assert.match(
    after.text,
    /prefixd_http_requests_total\{method="GET",route="unmatched",status_class="4xx"\} 1/,
  )
})

test('what our own metrics count is on the page by prefixd’s names, and nothing else moves it', async t => {
  const { call, families } = await setUp(t)
  const before = await call('GET', '/metrics')
  families.push(
    family('floodwarden_configuration_reloads_total', [
      [{ outcome: 'applied' }, 3],
      [{ outcome: 'refused' }, 1],
    ]),
    family('floodwarden_bgp_comparisons_total', [
      [{ enforcer: 'gobgp', result: 'done' }, 7],
      [{ enforcer: 'gobgp', result: 'failed' }, 2],
    ]),
    family('floodwarden_alerts_sent_total', [[{ service: 'slack' }, 4]]),
    family('floodwarden_alerts_lost_total', [
      [{ service: 'slack', why: 'refused' }, 1],
      [{ service: 'slack', why: 'dropped' }, 5],
    ]),
    family('floodwarden_store_rows_set_aside_total', [[{ table: 'mitigations' }, 2]]),
    family('floodwarden_store_connections', [
      [{ state: 'busy' }, 1],
      [{ state: 'idle' }, 0],
    ]),
  )

  const after = await call('GET', '/metrics')

  const lines = ({ text }: { readonly text: string }) => new Set(text.split('\n'))
  for (const line of [
    'prefixd_config_reload_total{status="success"} 0',
    'prefixd_reconciliation_runs_total{status="error"} 0',
    'prefixd_db_row_parse_errors_total{table="mitigations"} 0',
    'prefixd_db_pool_connections{state="total"} 0',
  ])
    assert.ok(lines(before).has(line), line)
  for (const line of [
    'prefixd_config_reload_total{status="success"} 3',
    'prefixd_config_reload_total{status="error"} 1',
    'prefixd_reconciliation_runs_total{status="success"} 7',
    'prefixd_reconciliation_runs_total{status="error"} 2',
    'prefixd_alerts_sent_total{destination="slack",status="success"} 4',
    'prefixd_alerts_sent_total{destination="slack",status="error"} 6',
    'prefixd_db_row_parse_errors_total{table="mitigations"} 2',
    'prefixd_db_pool_connections{state="active"} 1',
    'prefixd_db_pool_connections{state="idle"} 0',
    'prefixd_db_pool_connections{state="total"} 1',
  ])
    assert.ok(lines(after).has(line), `${line}\n${after.text}`)
})

test('the metrics of ours that are told by prefixd’s names are there', () => {
  const root = join(import.meta.dirname, '../../..')
  const source = readFileSync(join(root, 'src/compat/prefixd/api/own-figures.ts'), 'utf8')
  const page = readFileSync(join(root, 'docs/reference/metrics.md'), 'utf8')
  const used = source.match(/floodwarden_[a-z_]+/g) ?? []

  assert.equal(new Set(used).size, 6)
  assert.deepEqual(
    used.filter(name => !page.includes(`| \`${name}\` |`)),
    [],
  )
})

const family = (name: string, values: [labels: Record<string, string>, value: number][]): MetricFamily => ({
  declaration: { name, kind: 'counter', help: 'Counted by us.' },
  values: values.map(([labels, value]) => ({ name, labels, value })),
})

test('what has samples is as a strict reader of Prometheus wants it, histograms apart', async t => {
  const { call } = await setUp(t)
  await call('POST', '/v1/events', ban({ source: 'a"b\\c\nd' }))

  const { text } = await call('GET', '/metrics')
  const families = text
    .split(/(?=# HELP )/)
    .filter(family => !family.includes(' histogram\n') && /^[^#\n]/m.test(family))

  assert.ok(parseExposition(families.join('')).length > 10)
})
