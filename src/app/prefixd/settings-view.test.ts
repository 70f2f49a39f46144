import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Status } from '#api/contract/status.ts'
import { FILES } from '#compat/prefixd/folder-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
import { configWith } from '../engine-for-tests.ts'
import { settingsView } from './settings-view.ts'

const GOBGP: Status['enforcers'][number] = {
  ...{ name: 'gobgp', actions: ['filter'], isVerifiable: true },
  sessions: [
    {
      ...{ address: '10.10.0.1', asn: 65_000, state: 'established', since: '2030-01-02T03:04:05.000Z' },
      families: ['ipv4-flowspec'],
    },
  ],
}

test('what the files of prefixd say is shown as they say it, as far as it has an effect, and no secret is', t => {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  const loaded = loadConfig({ file: folder, ownAddresses: () => [] })
  assert.ok(loaded.kind === 'ok')

  const shown = settingsView({ config: loaded.config, pop: 'iad1', enforcers: [GOBGP] })

  assert.deepEqual(shown, {
    ...{ pop: 'iad1', mode: 'enforced' },
    http: {
      ...{ listen: '0.0.0.0:8080', auth: { mode: 'bearer' }, cors_origin: null },
      rate_limit: { events_per_second: 100, burst: 500 },
    },
    bgp: {
      ...{ mode: 'sidecar', local_asn: null },
      neighbors: [{ name: '10.10.0.1', address: '10.10.0.1', peer_asn: 65_000, afi_safi: ['ipv4-flowspec'] }],
    },
    guardrails: {
      ...{ require_ttl: true, min_ttl_seconds: 30, max_ttl_seconds: 1800, max_ports: 8 },
      ...{ dst_prefix_minlen: 32, dst_prefix_maxlen: 32 },
      ...{ dst_prefix_minlen_v6: 128, dst_prefix_maxlen_v6: 128 },
      ...{ allow_src_prefix_match: true, allow_tcp_flags_match: true },
      ...{ allow_fragment_match: true, allow_packet_length_match: true },
    },
    quotas: {
      ...{ max_active_per_customer: 5, max_active_per_pop: 200, max_active_global: 500 },
      ...{ max_new_per_minute: 30, max_announcements_per_peer: 100 },
    },
    timers: {
      ...{ default_ttl_seconds: null, min_ttl_seconds: 30, max_ttl_seconds: 1800 },
      ...{ correlation_window_seconds: 300, reconciliation_interval_seconds: 30 },
      quiet_period_after_withdraw_seconds: 0,
    },
    escalation: {
      ...{ enabled: true, min_persistence_seconds: 120, min_confidence: 0.7 },
      max_escalated_duration_seconds: 300,
    },
    storage: { connection_string: '[redacted]' },
    observability: { log_format: 'json', log_level: 'info', metrics_listen: '127.0.0.1:9090' },
    safelist: { count: 2 },
    shutdown: { drain_timeout_seconds: 0, preserve_announcements: true },
  })
  assert.doesNotMatch(JSON.stringify(shown), /hunter2/)
})

test('what a native configuration has otherwise is shown in words of prefixd, and what there is not as null', () => {
  const config = configWith({ api: { listen: ['127.0.0.1:8080', '[::1]:8080'] } })

  const { http, bgp, escalation, quotas, mode } = settingsView({ config, pop: 'p1', enforcers: [] })

  assert.equal(http.listen, '127.0.0.1:8080, [::1]:8080')
  assert.deepEqual([mode, bgp], ['dry-run', { mode: 'mock', local_asn: null, neighbors: [] }])
  assert.equal(quotas.max_active_per_customer, null)
  assert.deepEqual(escalation, {
    ...{ enabled: false, min_persistence_seconds: null, min_confidence: null },
    max_escalated_duration_seconds: null,
  })
})
