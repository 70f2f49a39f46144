// Where mitigations and the audit are kept. The ledger in memory implements it; a keeper on disk may stand behind it.

import type { HeldCounts } from '#6-policy/guardrail.ts'
import type { AuditEntry } from './audit.ts'
import type { Mitigation } from './mitigation.ts'

export interface MitigationStore {
  /** Keeps the mitigation in place of an earlier one of the same id. */
  put(mitigation: Mitigation): void
  /** Takes in what an earlier run of the daemon held: it is no new ban, and the keeper has it already. */
  adopt(mitigation: Mitigation): void
  get(id: string): Mitigation | undefined
  /** All that have not ended, oldest first. Never forgotten. */
  active(): readonly Mitigation[]
  /** Those of one attack, oldest first, ended ones as far as they are remembered. */
  ofAttack(attackId: string): readonly Mitigation[]
  /** Takes out of the order of expiry those whose time is up at `now`, earliest first; `put` brings one back into it. */
  expiring(now: number): readonly Mitigation[]
  /** What is under action now, by target; never copied, so asking costs nothing. */
  readonly targets: Pick<ReadonlySet<string>, 'size' | 'has'>
  /** Targets that came under action within the minute before `now`. */
  bansWithinMinute(now: number): number
  /** Announcements that are held, and that began within the minute before `now`: what quotas are compared with. */
  counts(now: number): HeldCounts
  /** Adds to the audit. */
  record(entry: AuditEntry): void
  /** The audit as far as it is remembered, oldest first. */
  audit(): readonly AuditEntry[]
}

/** Hears of each change and keeps it where a restart finds it. Never waits, never fails its caller. */
export interface MitigationKeeper {
  /** `before`: as it was, when it had not ended. */
  keepMitigation(mitigation: Mitigation, before?: Mitigation): void
  record(entry: AuditEntry): void
}
