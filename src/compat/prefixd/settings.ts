// prefixd.yaml becomes native settings, and what its playbooks go by.

import { hasErrors, type Place, type Problem, type SettingPath } from '#lib/schema/problem.ts'
import { carryAlerting } from './alerting.ts'
import type { SecretReference } from './kept.ts'
import { type KeyReport, reportKeys, sayKeys } from './key-report.ts'
import type { Placed } from './native-tree.ts'
import type { PlaybookBasis } from './playbooks.ts'
import { readSettings } from './read-settings.ts'
import { Reading } from './reading.ts'
import { BEARER_TOKEN } from './settings-api.ts'
import { readCorrelationSettings } from './settings-correlation.ts'
import { readOperation } from './settings-operation.ts'
import { type PrefixdMainSettings, prefixdSettingsSchema } from './settings-schema.ts'

/** What prefixd takes for a key that is not written. */
const DEFAULTS = {
  minimumTtlSeconds: 30,
  maximumTtlSeconds: 1800,
  defaultTtlSeconds: 120,
  prefixLength: { ipv4: 32, ipv6: 128 },
  ports: 8,
  customer: 5,
  pop: 200,
  global: 500,
  escalation: { seconds: 120, confidence: 0.7, maximumTtlSeconds: 1800 },
} as const

/** The most that the native settings take. */
const MOST = {
  ports: 64,
  active: 1_000_000,
  perMinute: 100_000,
  rules: 100_000,
  reconcileSeconds: 3600,
} as const

export interface ReadMain {
  readonly settings: PrefixdMainSettings
  readonly placed: readonly Placed[]
  readonly problems: readonly Problem[]
  readonly basis: PlaybookBasis
  readonly bearerToken: SecretReference
  readonly database: SecretReference | undefined
  /** `mode: enforced` with a gobgpd: its owner has armed exactly what the playbooks name. */
  readonly isOrdered: boolean
  readonly keys: readonly KeyReport[]
  /** Where a key of the file is written. */
  readonly place: (path: SettingPath) => Place
}

export type ReadMainResult =
  | ({ readonly kind: 'ok' } & ReadMain)
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Reads the text of a prefixd.yaml. What is wrong is told, never thrown. What it says about alerts counts only when there
 * is no alerting.yaml, as in prefixd. `secrets`: the absolute path by which its secrets are read.
 */
export function readMain(
  text: string,
  file: string,
  hasAlertingFile: boolean,
  secrets: string = file,
): ReadMainResult {
  const read = readSettings(text, file, prefixdSettingsSchema)
  if (read.kind === 'refused') return read
  const { settings, source } = read
  const reading = new Reading(source)
  const isOrdered = readOperation(settings, reading)
  readBounds(settings, reading)
  readQuotas(settings, reading)
  readCorrelationSettings(settings, reading)
  sayKeys('prefixd.yaml', source.settings, reading)
  if (!hasAlertingFile) carryAlerting(settings.alerting ?? {}, { secrets, path: ['alerting'] }, reading)
  const problems = [...read.problems, ...reading.problems]
  if (hasErrors(problems)) return { kind: 'refused', problems }
  const database = settings.storage?.connection_string
  return {
    kind: 'ok',
    settings,
    placed: reading.placed,
    problems,
    basis: basisOf(settings),
    bearerToken: { kind: 'environment', name: settings.http?.auth?.bearer_token_env ?? BEARER_TOKEN },
    database:
      database === undefined ? undefined : { kind: 'in-file', file, path: 'storage.connection_string' },
    isOrdered,
    place: path => reading.place(path),
    keys: reportKeys('prefixd.yaml', source.settings, path => reading.place(path, 'key')),
  }
}

type TtlKey = 'min_ttl_seconds' | 'max_ttl_seconds'

/** Of the guardrails, else of the timers, else of prefixd itself. */
const ttlBound = ({ guardrails, timers }: PrefixdMainSettings, key: TtlKey, missing: number): number =>
  guardrails?.[key] ?? timers?.[key] ?? missing

function readBounds(settings: PrefixdMainSettings, reading: Reading): void {
  const { guardrails } = settings
  if (guardrails?.require_ttl === false) {
    const message = 'false has no effect: every mitigation has an end here'
    reading.say('warning', 'prefixd-not-carried', ['guardrails', 'require_ttl'], message)
  }
  const ttl = (key: TtlKey, native: string, missing: number) => {
    const section = typeof guardrails?.[key] === 'number' ? 'guardrails' : 'timers'
    reading.carry(['policy', 'bounds', 'ttlSeconds', native], ttlBound(settings, key, missing), [
      section,
      key,
    ])
  }
  ttl('min_ttl_seconds', 'minimum', DEFAULTS.minimumTtlSeconds)
  ttl('max_ttl_seconds', 'maximum', DEFAULTS.maximumTtlSeconds)
  const lengths = ['policy', 'bounds', 'prefixLengths', 'rule']
  const { ipv4, ipv6 } = DEFAULTS.prefixLength
  reading.carry([...lengths, 'ipv4'], guardrails?.dst_prefix_minlen ?? ipv4, [
    'guardrails',
    'dst_prefix_minlen',
  ])
  const from6 = ['guardrails', 'dst_prefix_minlen_v6']
  reading.carry([...lengths, 'ipv6'], guardrails?.dst_prefix_minlen_v6 ?? ipv6, from6)
  const fromPorts = ['guardrails', 'max_ports']
  const ports = reading.atMost(guardrails?.max_ports ?? DEFAULTS.ports, MOST.ports, fromPorts)
  reading.carry(['policy', 'bounds', 'portsMax'], ports, fromPorts)
}

function readQuotas({ quotas }: PrefixdMainSettings, reading: Reading): void {
  const carry = (
    native: readonly string[],
    key: keyof NonNullable<typeof quotas>,
    most: number,
    missing?: number,
  ) => {
    const value = quotas?.[key] ?? missing
    const from = ['quotas', key]
    if (value !== undefined)
      reading.carry(['policy', 'quotas', ...native], reading.atMost(value, most, from), from)
  }
  carry(['customer', 'activeMax'], 'max_active_per_customer', MOST.active, DEFAULTS.customer)
  carry(['pop', 'activeMax'], 'max_active_per_pop', MOST.active, DEFAULTS.pop)
  carry(['global', 'activeMax'], 'max_active_global', MOST.active, DEFAULTS.global)
  // prefixd enforces neither, so who did not write them has no limit to keep.
  carry(['global', 'newPerMinute'], 'max_new_per_minute', MOST.perMinute)
  carry(['rulesMax'], 'max_announcements_per_peer', MOST.rules)
}

function basisOf(settings: PrefixdMainSettings): PlaybookBasis {
  const { timers, escalation } = settings
  return {
    defaultTtlSeconds: timers?.default_ttl_seconds ?? DEFAULTS.defaultTtlSeconds,
    ttlSeconds: {
      minimum: ttlBound(settings, 'min_ttl_seconds', DEFAULTS.minimumTtlSeconds),
      maximum: ttlBound(settings, 'max_ttl_seconds', DEFAULTS.maximumTtlSeconds),
    },
    escalation: {
      isEnabled: escalation?.enabled ?? true,
      seconds: escalation?.min_persistence_seconds ?? DEFAULTS.escalation.seconds,
      confidence: escalation?.min_confidence ?? DEFAULTS.escalation.confidence,
      maximumTtlSeconds: escalation?.max_escalated_duration_seconds ?? DEFAULTS.escalation.maximumTtlSeconds,
    },
  }
}
