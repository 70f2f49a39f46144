// The tables of the state file as this version reads and writes them. Newer versions may have added more.

import type { Generated } from 'kysely'

/** Columns beside `body` are for queries; `body` is the whole as JSON and is what counts. */
interface AttackRow {
  readonly id: string
  readonly state: string
  readonly host: string
  /** Wall clock, ms since 1970 UTC. */
  readonly opened_at: number
  /** Identity of the boot during which it was written, and the uptime at which the attack opened on that clock. */
  readonly boot: string
  readonly opened_uptime: number
  readonly body: string
}

interface MitigationRow {
  readonly id: string
  readonly attack_id: string
  readonly state: string
  readonly enforcer: string
  readonly expires_at: number
  readonly body: string
}

interface AuditRow {
  readonly number: Generated<number>
  readonly at: number
  readonly who: string
  readonly what: string
  readonly target: string
  readonly attack_id: string
  readonly mitigation_id: string | null
  readonly outcome: string
  readonly reason: string
}

interface LearnedRow {
  readonly key: string
  readonly value: string
}

interface LimitSampleRow {
  readonly scope: string
  /** Since 1970 UTC. */
  readonly hour: number
  readonly body: Uint8Array
}

/** A row that could not be read: out of the way, and here for whoever wants to know. */
interface SetAsideRow {
  readonly number: Generated<number>
  readonly at: number
  readonly aggregate: string
  readonly id: string
  readonly body: string
  readonly problem: string
}

interface SchemaVersionRow {
  readonly version: number
  /** The oldest version of the schema whose programs can still use the file. */
  readonly minimum_reader: number
  readonly applied_at: number
}

export interface Tables {
  readonly attacks: AttackRow
  readonly mitigations: MitigationRow
  readonly audit: AuditRow
  readonly learned: LearnedRow
  readonly limit_samples: LimitSampleRow
  readonly set_aside: SetAsideRow
  readonly schema_version: SchemaVersionRow
}

export type AttackInsert = AttackRow
export type MitigationInsert = MitigationRow
