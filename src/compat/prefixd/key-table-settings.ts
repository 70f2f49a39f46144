// Every key of prefixd.yaml and what becomes of it here.

import type { KeyState } from './key-table.ts'

interface SettingsKey {
  readonly key: string
  readonly state: KeyState
  readonly setting?: string
  readonly note?: string
  readonly isMissed?: boolean
  readonly silentAt?: unknown
}

const GOBGPD = 'gobgpd has it in a file of its own, in prefixd too.'

const honoured = (key: string, setting: string, note = ''): SettingsKey => ({
  key,
  state: 'honoured',
  setting,
  note,
})
const translated = (key: string, setting: string, note: string): SettingsKey => ({
  ...{ key, state: 'translated', setting, note },
})
const kept = (note: string, keys: readonly string[]): SettingsKey[] =>
  keys.map(key => ({ key, state: 'kept', note }))
const none = (key: string, note: string, silentAt?: unknown): SettingsKey => ({
  ...{ key, state: 'not-carried', note, silentAt },
})
/** Has an effect in prefixd that is missed here. */
const missed = (key: string, note: string, silentAt?: unknown): SettingsKey => ({
  ...none(key, note, silentAt),
  isMissed: true,
})

export const SETTINGS_KEYS: readonly SettingsKey[] = [
  translated('pop', 'inventory.pops[].id', 'All customers of the inventory are at this POP.'),
  honoured(
    'mode',
    'mitigation.armed',
    'enforced: armed, for exactly what the playbooks name. dry-run when not set, as in prefixd.',
  ),
  honoured('http.listen', 'api.listen'),
  translated(
    'http.auth.mode',
    'api.access.mode',
    'none is taken only for an address of the loopback; for others everybody needs a token or a user.',
  ),
  honoured(
    'http.auth.bearer_token_env',
    'api.access.bearerTokenEnv',
    'With mode bearer; PREFIXD_API_TOKEN when not set. Its holder is operator.',
  ),
  none('http.auth.ldap', 'prefixd reads it and does nothing with it.'),
  none('http.auth.radius', 'prefixd reads it and does nothing with it.'),
  honoured(
    'http.rate_limit.events_per_second',
    'api.access.perIdentity.perSecond',
    'For each token and user.',
  ),
  honoured('http.rate_limit.burst', 'api.access.perIdentity.burst', 'For each token and user.'),
  honoured('http.tls.cert_path', 'api.tls.certificate'),
  honoured('http.tls.key_path', 'api.tls.key'),
  honoured('http.tls.ca_path', 'api.tls.clientAuthority'),
  honoured('http.cors_origin', 'api.corsOrigin'),
  translated(
    'bgp.mode',
    'mitigation.armed',
    'sidecar: gobgpd. mock: nothing is announced, so it is a dry run.',
  ),
  honoured('bgp.gobgp_grpc', 'enforcement.gobgp.address', 'An address; localhost is 127.0.0.1.'),
  none('bgp.local_asn', GOBGPD),
  none('bgp.router_id', GOBGPD),
  none('bgp.neighbors', GOBGPD),
  honoured('guardrails.require_ttl', 'mitigation.maximumSeconds', 'Always so: false has no effect.'),
  honoured(
    'guardrails.min_ttl_seconds',
    'policy.bounds.ttlSeconds.minimum',
    'timers.min_ttl_seconds when not set.',
  ),
  honoured(
    'guardrails.max_ttl_seconds',
    'policy.bounds.ttlSeconds.maximum',
    'timers.max_ttl_seconds when not set.',
  ),
  honoured(
    'guardrails.dst_prefix_minlen',
    'policy.bounds.prefixLengths.rule.ipv4',
    'prefixd makes none but /32.',
  ),
  missed('guardrails.dst_prefix_maxlen', 'A rule may always be for one address.', 32),
  honoured(
    'guardrails.dst_prefix_minlen_v6',
    'policy.bounds.prefixLengths.rule.ipv6',
    'IPv6 works here; prefixd refuses it because it writes /32.',
  ),
  missed('guardrails.dst_prefix_maxlen_v6', 'A rule may always be for one address.', 128),
  honoured('guardrails.max_ports', 'policy.bounds.portsMax'),
  ...['src_prefix', 'tcp_flags', 'fragment', 'packet_length'].map(what =>
    none(
      `guardrails.allow_${what}_match`,
      'Nothing that runs in prefixd reads it. Here a rule matches whatever tells the flood from other traffic.',
      false,
    ),
  ),
  honoured('quotas.max_active_per_customer', 'policy.quotas.customer.activeMax'),
  honoured('quotas.max_active_per_pop', 'policy.quotas.pop.activeMax'),
  honoured('quotas.max_active_global', 'policy.quotas.global.activeMax'),
  honoured('quotas.max_new_per_minute', 'policy.quotas.global.newPerMinute', 'prefixd reads and ignores it.'),
  honoured(
    'quotas.max_announcements_per_peer',
    'policy.quotas.rulesMax',
    'Rules that gobgpd holds of ours. prefixd reads and ignores it.',
  ),
  honoured('timers.default_ttl_seconds', 'playbooks[].steps[].ttlSeconds', 'Of steps that say 0.'),
  honoured('timers.min_ttl_seconds', 'policy.bounds.ttlSeconds.minimum', 'Unless guardrails has one.'),
  honoured('timers.max_ttl_seconds', 'policy.bounds.ttlSeconds.maximum', 'Unless guardrails has one.'),
  none('timers.correlation_window_seconds', 'Nothing that runs in prefixd reads it.'),
  honoured(
    'timers.reconciliation_interval_seconds',
    'enforcement.gobgp.reconcileSeconds',
    'Ends are exact to the second here and do not wait for it.',
  ),
  none('timers.quiet_period_after_withdraw_seconds', 'Nothing that runs in prefixd reads it.'),
  honoured(
    'escalation.enabled',
    'playbooks[].steps',
    'As documented; prefixd never escalates. false: playbooks have their first step only.',
  ),
  honoured(
    'escalation.min_persistence_seconds',
    'playbooks[].steps[].escalateAfter.seconds',
    'The least for later steps. prefixd reads and ignores it.',
  ),
  honoured(
    'escalation.min_confidence',
    'playbooks[].steps[].escalateAfter.minimumConfidence',
    'The least for later steps. prefixd reads and ignores it.',
  ),
  honoured(
    'escalation.max_escalated_duration_seconds',
    'playbooks[].steps[].ttlSeconds',
    'The most for later steps. prefixd reads and ignores it.',
  ),
  ...kept(
    'The database of prefixd is left alone; state is in the state directory, or where store.postgres says. A secret: only where it is written is kept.',
    ['storage.connection_string'],
  ),
  translated('observability.log_format', 'log.format', 'pretty is text.'),
  translated('observability.log_level', 'log.level', 'trace is debug.'),
  none(
    'observability.audit_log_path',
    'prefixd writes nothing there; floodwarden audit prints the audit log.',
  ),
  honoured(
    'observability.metrics_listen',
    'metrics.listen',
    'prefixd reads and ignores it: its metrics are at http.listen.',
  ),
  honoured(
    'safelist.prefixes',
    'policy.safelist',
    'Checked before anything is done, and for what is in force too.',
  ),
  none(
    'shutdown.drain_timeout_seconds',
    'A stop does not wait: what is under way is taken up at the next start.',
  ),
  honoured(
    'shutdown.preserve_announcements',
    'mitigation.onStop',
    'As documented: false takes all rules back. prefixd always leaves them.',
  ),
  honoured(
    'alerting.destinations',
    'notify.webhooks.destinations',
    'As alerting.yaml, and only without that file, as in prefixd.',
  ),
  honoured('alerting.events', 'notify.webhooks.events', 'Likewise.'),
  honoured(
    'correlation.enabled',
    'policy.correlation.groups.enabled',
    'What is set by PUT /v1/config/correlation counts instead; so for all of it.',
  ),
  honoured('correlation.window_seconds', 'policy.correlation.groups.windowSeconds'),
  honoured('correlation.min_sources', 'policy.correlation.groups.minSources'),
  honoured(
    'correlation.confidence_threshold',
    'policy.correlation.groups.threshold',
    'Another weak report never lowers the confidence, as it does in prefixd.',
  ),
  honoured('correlation.default_weight', 'policy.correlation.groups.usualWeight'),
  honoured('correlation.confidence_decay_half_life_seconds', 'policy.correlation.groups.halfLifeSeconds'),
  honoured('correlation.sources', 'policy.correlation.groups.sources'),
]
