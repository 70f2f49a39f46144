// Settings as prefixd shows them, by name: whatever is not named here is not shown, so that no secret ever is.

import type { Status } from '#api/contract/status.ts'
import type { ResolvedConfig } from '../config/config.ts'

export interface SettingsAsked {
  /** As it is in force. */
  readonly config: ResolvedConfig
  readonly pop: string
  readonly enforcers: Status['enforcers']
}

/** What there is no such setting of here is null; a rule may always be for one address, and match whatever it has to. */
export function settingsView({ config, pop, enforcers }: SettingsAsked) {
  const { api, mitigation, log, metrics, policy } = config
  const { rule } = policy.bounds.prefixLengths
  return {
    ...{ pop, mode: mitigation.armed ? 'enforced' : 'dry-run' },
    http: httpOf(api),
    bgp: {
      mode: enforcers.some(({ name }) => name === 'gobgp') ? 'sidecar' : 'mock',
      local_asn: null,
      neighbors: neighborsOf(enforcers),
    },
    guardrails: {
      ...{ require_ttl: true, ...ttlBounds(config) },
      ...{ dst_prefix_minlen: rule.ipv4, dst_prefix_maxlen: 32 },
      ...{ dst_prefix_minlen_v6: rule.ipv6, dst_prefix_maxlen_v6: 128 },
      max_ports: policy.bounds.portsMax,
      ...{ allow_src_prefix_match: true, allow_tcp_flags_match: true },
      ...{ allow_fragment_match: true, allow_packet_length_match: true },
    },
    quotas: quotasOf(policy),
    timers: {
      ...{ default_ttl_seconds: null, ...ttlBounds(config) },
      correlation_window_seconds: policy.correlation.groups.windowSeconds ?? policy.correlation.windowSeconds,
      reconciliation_interval_seconds: config.enforcement.gobgp.reconcileSeconds,
      quiet_period_after_withdraw_seconds: 0,
    },
    escalation: escalationOf(config),
    storage: { connection_string: '[redacted]' },
    observability: {
      ...{ log_format: log.format === 'text' ? 'pretty' : log.format, log_level: log.level },
      metrics_listen: metrics.listen,
    },
    safelist: { count: policy.safelist.length },
    shutdown: { drain_timeout_seconds: 0, preserve_announcements: mitigation.onStop === 'keep' },
  }
}

const ttlBounds = ({ policy }: ResolvedConfig) => ({
  min_ttl_seconds: policy.bounds.ttlSeconds.minimum,
  max_ttl_seconds: policy.bounds.ttlSeconds.maximum,
})

const httpOf = ({ listen, access, corsOrigin }: ResolvedConfig['api']) => ({
  listen: Array.isArray(listen) ? listen.join(', ') : listen,
  auth: { mode: access.mode },
  rate_limit: { events_per_second: access.perIdentity.perSecond, burst: access.perIdentity.burst },
  cors_origin: corsOrigin ?? null,
})

const neighborsOf = (enforcers: Status['enforcers']) =>
  enforcers.flatMap(({ sessions }) =>
    sessions.map(({ address, asn, families }) => ({
      ...{ name: address, address, peer_asn: asn, afi_safi: families },
    })),
  )

const quotasOf = ({ quotas: { customer, pop, global, rulesMax } }: ResolvedConfig['policy']) => ({
  max_active_per_customer: customer.activeMax ?? null,
  max_active_per_pop: pop.activeMax ?? null,
  max_active_global: global.activeMax ?? null,
  max_new_per_minute: global.newPerMinute ?? null,
  max_announcements_per_peer: rulesMax,
})

/** Each later step says it for itself: the least that any of them demands, and the longest that one lasts. */
function escalationOf({ playbooks }: ResolvedConfig) {
  const later = playbooks.flatMap(({ steps }) => steps.slice(1))
  const most = (values: readonly number[], pick: (...all: number[]) => number) =>
    values.length === 0 ? null : pick(...values)
  const demands = later.flatMap(({ escalateAfter }) => escalateAfter ?? [])
  return {
    enabled: later.length > 0,
    min_persistence_seconds: most(
      demands.map(({ seconds }) => seconds),
      Math.min,
    ),
    min_confidence: most(
      demands.map(({ minimumConfidence }) => minimumConfidence),
      Math.min,
    ),
    max_escalated_duration_seconds: most(
      later.map(({ ttlSeconds }) => ttlSeconds),
      Math.max,
    ),
  }
}
