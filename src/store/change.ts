// What the store is told to keep, what it gives back at the start, and the messages between main thread and worker.

import type { Attack } from '#4-detection/attack.ts'
import type { KeptAttack } from '#4-detection/attack-store.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'

/** One thing that shall be on disk, or no longer be there. */
export type Change =
  /** `openedUptimeSeconds`: the machine's uptime when the attack opened, which no change of the time of day touches. */
  | { readonly kind: 'attack'; readonly attack: Attack; readonly openedUptimeSeconds: number }
  | { readonly kind: 'attack-gone'; readonly id: string }
  | { readonly kind: 'mitigation'; readonly mitigation: Mitigation }
  | { readonly kind: 'mitigation-gone'; readonly id: string }
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  /** `value` is anything JSON can say. */
  | { readonly kind: 'learned'; readonly key: string; readonly value: unknown }
  | ({ readonly kind: 'hour' } & KeptHour)
  | ({ readonly kind: 'hour-gone' } & HourKey)

/** An hour of what calm traffic did: of whom, and which, counted since 1970 UTC. */
export interface HourKey {
  readonly scope: string
  readonly hour: number
}

export interface KeptHour extends HourKey {
  readonly body: Uint8Array
}

/** What an earlier run left. */
export interface Kept {
  readonly attacks: readonly KeptAttack[]
  /** Those that had not ended. */
  readonly mitigations: readonly Mitigation[]
  /** The newest entries, oldest first. */
  readonly audit: readonly AuditEntry[]
  readonly learned: ReadonlyMap<string, unknown>
  readonly hours: readonly KeptHour[]
}

export const NOTHING_KEPT: Kept = { attacks: [], mitigations: [], audit: [], learned: new Map(), hours: [] }

export type StoreRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly changes: readonly Change[] }
  | { readonly kind: 'close' }

export type StoreReply =
  | {
      readonly kind: 'opened'
      readonly kept: Kept
      /** Rows that could not be read, one sentence each. */
      readonly setAside: readonly string[]
      /** What was wrong with the file that was moved aside, when one was: the file in use is new. */
      readonly replaced: string | undefined
    }
  /** A newer version wrote the file, and this one must leave it alone: trying again cannot help. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'written' }
  /** Nothing of the request was done. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** The file broke while in use, and a new and empty one took its place: all must be told again. */
  | { readonly kind: 'replaced'; readonly problem: string }
  | { readonly kind: 'closed' }
