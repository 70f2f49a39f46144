// What the audit is told of who may do what.

import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Caller } from '../control.ts'

export type AccessDeed = Extract<
  AuditEntry['what'],
  'log-in' | 'log-out' | 'add-user' | 'change-user' | 'remove-user' | 'add-token' | 'revoke-token'
>

export interface AccessNote {
  readonly what: AccessDeed
  /** Name of the user or token it is about. */
  readonly target: string
  readonly outcome: 'done' | 'refused'
  /** One sentence. */
  readonly reason: string
  readonly before?: unknown
  readonly after?: unknown
}

/** Whoever writes it down knows the time, and how the audit calls the caller. */
export type RecordAccess = (note: AccessNote, by: Caller) => void

export interface AccessDeskParts {
  readonly record: RecordAccess
  /** How the audit calls a caller. */
  readonly nameOf: (by: Caller) => string
  /** Whether the inventory has a customer of this id. */
  readonly knowsCustomer: (id: string) => boolean
  /** Ms since 1970. */
  readonly now: () => number
}
