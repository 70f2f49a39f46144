// A folder of prefixd in memory: like the one prefixd comes with, and changed where a test says so.

import { parse, stringify } from 'yaml'
import type { Problem } from '#lib/schema/problem.ts'
import { type PrefixdSource, readFolder } from './folder.ts'
import type { PrefixdFile } from './key-table.ts'

export const MAIN = `pop: iad1
mode: enforced
http:
  listen: 0.0.0.0:8080
  auth:
    mode: bearer
    bearer_token_env: PREFIXD_API_TOKEN
  rate_limit:
    events_per_second: 100
    burst: 500
bgp:
  mode: sidecar
  gobgp_grpc: 127.0.0.1:50051
  local_asn: 65010
  router_id: 10.10.0.10
  neighbors:
    - {name: edge, address: 10.10.0.1, peer_asn: 65000, afi_safi: [ipv4-flowspec]}
guardrails:
  require_ttl: true
  dst_prefix_minlen: 32
  dst_prefix_maxlen: 32
  max_ports: 8
  allow_src_prefix_match: false
quotas:
  max_active_per_customer: 5
  max_active_per_pop: 200
  max_active_global: 500
  max_new_per_minute: 30
  max_announcements_per_peer: 100
timers:
  default_ttl_seconds: 120
  min_ttl_seconds: 30
  max_ttl_seconds: 1800
  correlation_window_seconds: 300
  reconciliation_interval_seconds: 30
  quiet_period_after_withdraw_seconds: 120
escalation:
  enabled: true
  min_persistence_seconds: 120
  min_confidence: 0.7
  max_escalated_duration_seconds: 1800
storage:
  connection_string: postgres://prefixd:hunter2@postgres/prefixd
observability:
  log_format: json
  log_level: info
  audit_log_path: /var/log/prefixd/audit.jsonl
  metrics_listen: 127.0.0.1:9090
safelist:
  prefixes:
    - 203.0.113.1/32
    - 2001:db8:77::1
shutdown:
  drain_timeout_seconds: 30
  preserve_announcements: true
`

export const INVENTORY = `customers:
  - customer_id: cust_bakery
    name: Bakery
    prefixes: [203.0.113.0/24, 2001:db8:77::/48]
    services:
      - service_id: svc_dns
        name: DNS
        assets: [{ip: 203.0.113.10, role: dns}]
        allowed_ports: {udp: [53], tcp: [53]}
`

/** The facts of the playbooks that prefixd comes with. */
export const PLAYBOOKS = `playbooks:
  - name: udp_flood
    match: {vector: udp_flood}
    steps:
      - {action: police, rate_bps: 5000000, ttl_seconds: 120}
      - action: discard
        ttl_seconds: 300
        require_confidence_at_least: 0.7
        require_persistence_seconds: 120
  - name: syn_flood
    match: {vector: syn_flood}
    steps:
      - {action: police, rate_bps: 10000000, ttl_seconds: 120}
      - {action: discard, ttl_seconds: 300, require_confidence_at_least: 0.8, require_persistence_seconds: 180}
  - name: icmp_flood
    match: {vector: icmp_flood}
    steps: [{action: discard, ttl_seconds: 300}]
  - name: unknown
    match: {vector: unknown}
    steps: [{action: police, rate_bps: 1000000, ttl_seconds: 60}]
`

export const FILES: Readonly<Partial<Record<PrefixdFile, string>>> = {
  'prefixd.yaml': MAIN,
  'inventory.yaml': INVENTORY,
  'playbooks.yaml': PLAYBOOKS,
}

/** The folder with these files in place of its own; `undefined`: the file is not there. */
export const folderWith = (files: Partial<Record<PrefixdFile, string | undefined>> = {}): PrefixdSource =>
  readFolder('/etc/prefixd', name => {
    const text = { ...FILES, ...files }[name]
    return text === undefined ? { kind: 'missing' } : { kind: 'ok', text }
  })

/** prefixd.yaml with some of its sections changed, each key for itself. */
export function mainWith(changes: Readonly<Record<string, unknown>>): string {
  const written = parse(MAIN)
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split('.')
    const last = steps.pop()!
    Reflect.set(
      steps.reduce((at, step) => (at[step] ??= {}), written),
      last,
      value,
    )
  }
  return stringify(written)
}

/** `prefixd.yaml:3 error code path: message` of each problem, without those of the codes that are named. */
export const said = (problems: readonly Problem[], ...without: string[]): string[] =>
  problems
    .filter(({ code }) => !without.includes(code))
    .map(({ file, line, severity, code, path, message }) => {
      return `${file.split('/').at(-1)}:${line} ${severity} ${code} ${path}: ${message}`
    })
