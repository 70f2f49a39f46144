// The tables of the state, in SQLite and PostgreSQL alike, as this version reads and writes them. Newer versions may have added more.

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

/** The audit of schemas 1 and 2: what is found there is taken into the chain. */
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

/** An entry of the audit as the chain has it; the columns between `sequence` and `body` are for queries. */
export interface ChainRow {
  /** From 1 without a gap. */
  readonly sequence: number
  readonly at: number
  readonly who: string
  readonly what: string
  readonly target: string
  readonly outcome: string
  /** Canonical JSON, with the sequence in it. */
  readonly body: string
  /** SHA-256 over the hash before and the body. */
  readonly hash: string
}

/** Places in the chain that are written down outside of it, and who wrote last. */
interface MarkRow {
  readonly name: string
  readonly sequence: number
  readonly hash: string
  readonly at: number
}

/** What a foreign detector reported, and what became of it; empty texts where there is nothing. */
interface EventRow {
  readonly number: Generated<number>
  readonly id: string
  readonly source: string
  readonly external_id: string
  readonly at: number
  /** Canonical address. */
  readonly host: string
  readonly outcome: string
  readonly attack_id: string
  readonly body: string
}

/** An attack that is over. */
interface PastAttackRow {
  readonly number: Generated<number>
  readonly id: string
  readonly host: string
  readonly opened_at: number
  /** When it ended. */
  readonly at: number
  readonly body: string
}

/** A mitigation that is over. */
interface PastMitigationRow {
  readonly number: Generated<number>
  readonly id: string
  readonly attack_id: string
  readonly created_at: number
  /** When it ended. */
  readonly at: number
  readonly body: string
}

/** A small thing with a name, such as a user. */
interface DocumentRow {
  readonly kind: string
  readonly id: string
  readonly body: string
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

/** A day of a series of traffic, in bytes that only their maker reads. */
interface TrafficDayRow {
  readonly series: string
  /** Since 1970 UTC. */
  readonly day: number
  readonly body: Uint8Array
}

/** Five minutes of a series of traffic by ten seconds. */
interface TrafficTensRow {
  readonly series: string
  /** Five minutes since 1970 UTC. */
  readonly step: number
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
  readonly audit_chain: ChainRow
  readonly marks: MarkRow
  readonly events: EventRow
  readonly past_attacks: PastAttackRow
  readonly past_mitigations: PastMitigationRow
  readonly documents: DocumentRow
  readonly learned: LearnedRow
  readonly limit_samples: LimitSampleRow
  readonly traffic_days: TrafficDayRow
  readonly traffic_tens: TrafficTensRow
  readonly set_aside: SetAsideRow
  readonly schema_version: SchemaVersionRow
}

export type AttackInsert = AttackRow
export type MitigationInsert = MitigationRow
