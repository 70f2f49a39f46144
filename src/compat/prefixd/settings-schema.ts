// What prefixd's prefixd.yaml may hold, 0.10.1 to 0.19. Whether a value is possible here is for the native schema to say.

import { z } from 'zod'
import { alertingShape } from './alerting-schema.ts'

const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape, what: string) =>
  z.strictObject(shape).optional().describe(what)

const seconds = z.int().min(0).optional()
const count = z.int().min(0).optional()
const share = z.number().min(0).max(1).optional()
const text = z.string().optional()
const ignored = z.unknown().optional()

const auth = z
  .strictObject({
    mode: z.enum(['none', 'bearer', 'credentials', 'mtls']).optional().describe('Who may call the API.'),
    bearer_token_env: text.describe('The environment variable with the token.'),
    ldap: ignored.describe('Read by nothing.'),
    radius: ignored.describe('Read by nothing.'),
  })
  .optional()
  .describe('Who may call the API.')

const http = section(
  {
    listen: text.describe('Where the API listens.'),
    auth,
    rate_limit: section(
      {
        events_per_second: z.number().min(0).optional().describe('Calls.'),
        burst: count.describe('At once.'),
      },
      'How often it may be called.',
    ),
    tls: section(
      { cert_path: text.describe('PEM.'), key_path: text.describe('PEM.'), ca_path: text.describe('PEM.') },
      'Certificates.',
    ),
    cors_origin: text.describe('Another origin that may call it.'),
  },
  'The HTTP API.',
)

const bgp = section(
  {
    mode: z.enum(['sidecar', 'mock']).optional().describe('gobgpd, or nothing.'),
    gobgp_grpc: text.describe('Where gobgpd listens.'),
    local_asn: ignored.describe('Used by nothing.'),
    router_id: ignored.describe('Used by nothing.'),
    neighbors: ignored.describe('Shown only.'),
  },
  'How rules are announced.',
)

const isAllowed = z.boolean().optional()
const prefixLength = (bits: number) => z.int().min(0).max(bits).optional()

const guardrails = section(
  {
    require_ttl: z.boolean().optional().describe('Whether a rule must have an end.'),
    min_ttl_seconds: seconds.nullable().describe('Shortest time of a rule.'),
    max_ttl_seconds: seconds.nullable().describe('Longest time of a rule.'),
    dst_prefix_minlen: prefixLength(32).describe('Widest IPv4 prefix.'),
    dst_prefix_maxlen: prefixLength(32).describe('Narrowest IPv4 prefix.'),
    dst_prefix_minlen_v6: prefixLength(128).nullable().describe('Widest IPv6 prefix.'),
    dst_prefix_maxlen_v6: prefixLength(128).nullable().describe('Narrowest IPv6 prefix.'),
    max_ports: count.describe('Ports of a rule.'),
    allow_src_prefix_match: isAllowed.describe('Read by nothing.'),
    allow_tcp_flags_match: isAllowed.describe('Read by nothing.'),
    allow_fragment_match: isAllowed.describe('Read by nothing.'),
    allow_packet_length_match: isAllowed.describe('Read by nothing.'),
  },
  'What no rule may be.',
)

const quotas = section(
  {
    max_active_per_customer: count.describe('Rules of a customer.'),
    max_active_per_pop: count.describe('Rules of a POP.'),
    max_active_global: count.describe('Rules in all.'),
    max_new_per_minute: count.describe('New rules.'),
    max_announcements_per_peer: count.describe('Rules of a router.'),
  },
  'How many rules there may be.',
)

const timers = section(
  {
    default_ttl_seconds: seconds.describe('Of a step that says 0.'),
    min_ttl_seconds: seconds.describe('Shortest time of a rule.'),
    max_ttl_seconds: seconds.describe('Longest time of a rule.'),
    correlation_window_seconds: seconds.describe('Read by nothing.'),
    reconciliation_interval_seconds: seconds.describe('How often gobgpd is asked.'),
    quiet_period_after_withdraw_seconds: seconds.describe('Read by nothing.'),
  },
  'Times.',
)

const escalation = section(
  {
    enabled: z.boolean().optional().describe('Whether later steps are ever reached.'),
    min_persistence_seconds: seconds.describe('Of a step that says nothing.'),
    min_confidence: share.describe('Of a step that says nothing.'),
    max_escalated_duration_seconds: seconds.describe('Longest time of a later step.'),
  },
  'When later steps are reached.',
)

const observability = section(
  {
    log_format: z.enum(['json', 'pretty']).optional().describe('How lines are put.'),
    log_level: text.describe('What is told.'),
    audit_log_path: text.describe('Written by nobody.'),
    metrics_listen: text.describe('Listened on by nobody.'),
  },
  'Log and metrics.',
)

const sourceOfSignals = z.strictObject({
  weight: z.number().optional().describe('How much it counts.'),
  type: text.describe('What it is.'),
  mode: z.enum(['primary', 'corroborating']).optional().describe('Whether it may begin anything.'),
  match_dimensions: z.array(z.string()).optional().describe('By what it is matched.'),
  confidence_mapping: z.record(z.string(), z.number()).optional().describe('Confidence of its actions.'),
})

const correlation = section(
  {
    enabled: z.boolean().optional().describe('Whether events are joined.'),
    window_seconds: seconds.describe('Events within it belong together.'),
    min_sources: count.describe('Detectors that must agree.'),
    confidence_threshold: share.describe('How sure they must be together.'),
    default_weight: z.number().optional().describe('Of a source that is not named.'),
    confidence_decay_half_life_seconds: seconds.describe('How fast events grow old.'),
    sources: z.record(z.string(), sourceOfSignals).optional().describe('Detectors by name.'),
  },
  'How events of several detectors are joined.',
)

export const prefixdSettingsSchema = z.strictObject({
  pop: z.string().describe('Where this daemon stands.'),
  mode: z.enum(['dry-run', 'enforced']).default('dry-run').describe('Whether rules are announced.'),
  http,
  bgp,
  guardrails,
  quotas,
  timers,
  escalation,
  storage: section({ connection_string: text.describe('The database, password and all.') }, 'The database.'),
  observability,
  safelist: section({ prefixes: z.array(z.string()).nullish().describe('Never touched.') }, 'Never touched.'),
  shutdown: section(
    {
      drain_timeout_seconds: seconds.describe('How long a stop takes.'),
      preserve_announcements: z.boolean().optional().describe('Whether rules outlive a stop.'),
    },
    'What a stop does.',
  ),
  alerting: section(alertingShape, 'Counts when there is no alerting.yaml.'),
  correlation,
})

export type PrefixdMainSettings = z.infer<typeof prefixdSettingsSchema>
