// Where mitigations and the audit are kept. The ledger in memory implements it; a store on disk may stand behind it.

import type { AuditEntry } from './audit.ts'
import type { Mitigation } from './mitigation.ts'

export interface MitigationStore {
  /** Keeps the mitigation in place of an earlier one of the same id. */
  put(mitigation: Mitigation): void
  get(id: string): Mitigation | undefined
  /** All that have not ended, oldest first. Never forgotten. */
  active(): readonly Mitigation[]
  /** Those of one attack, oldest first, ended ones as far as they are remembered. */
  ofAttack(attackId: string): readonly Mitigation[]
  /** Adds to the audit. */
  record(entry: AuditEntry): void
  /** The audit as far as it is remembered, oldest first. */
  audit(): readonly AuditEntry[]
}
