// Which entries of the audit are wanted. Entries in memory are held against it too, by who knows no database.

import type { AuditEntry } from '#7-mitigation/audit.ts'

/** Which entries are wanted; what is not said does not matter. */
export interface AuditFilter {
  readonly who?: string | undefined
  readonly what?: string | undefined
  readonly target?: string | undefined
  readonly outcome?: string | undefined
  /** Identifiers of an attack and of a mitigation. */
  readonly attack?: string | undefined
  readonly mitigation?: string | undefined
  /** Text in the reason, whatever the case of its letters. */
  readonly reason?: string | undefined
  /** Wall clock, ms since 1970 UTC; from this moment on, and before this one. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Only entries before this sequence number: the next page. */
  readonly before?: number | undefined
  readonly limit: number
}

/** What the columns have no room for, of an entry that was read. */
export function fitsWords(
  { attackId, mitigationId, reason }: Pick<AuditEntry, 'attackId' | 'mitigationId' | 'reason'>,
  wanted: Pick<AuditFilter, 'attack' | 'mitigation' | 'reason'>,
): boolean {
  return (
    (wanted.attack === undefined || attackId === wanted.attack) &&
    (wanted.mitigation === undefined || mitigationId === wanted.mitigation) &&
    (wanted.reason === undefined || reason.toLowerCase().includes(wanted.reason.toLowerCase()))
  )
}
