// What the store is told to keep, what it gives back at the start, and the messages between main thread and worker.

import type { Attack } from '#4-detection/attack.ts'
import type { KeptAttack } from '#4-detection/attack-store.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { ArchivedConfig } from './archive-format.ts'
import type { StoredEntry } from './audit.ts'
import type { AuditFilter } from './audit-filter.ts'
import type { PackedChanges } from './packed-changes.ts'
import type { Pruned, Retention } from './retention.ts'
import type { SetAsideRow } from './set-aside.ts'
import type { AuditVerdict } from './verify-audit.ts'

/** One thing that shall be on disk, or no longer be there. */
export type Change =
  /** `openedUptimeSeconds`: the machine's uptime when the attack opened, which no change of the time of day touches. */
  | { readonly kind: 'attack'; readonly attack: Attack; readonly openedUptimeSeconds: number }
  | { readonly kind: 'attack-gone'; readonly id: string }
  | { readonly kind: 'mitigation'; readonly mitigation: Mitigation }
  | { readonly kind: 'mitigation-gone'; readonly id: string }
  /** `ticket`: counts upwards within a run of the program, so that an entry that comes twice is told from a new one. */
  | { readonly kind: 'audit'; readonly entry: AuditEntry; readonly ticket?: number }
  | { readonly kind: 'event'; readonly event: ReceivedEvent }
  | { readonly kind: 'past-attack'; readonly attack: PastAttack }
  | { readonly kind: 'past-mitigation'; readonly mitigation: Mitigation }
  | { readonly kind: 'document'; readonly document: Document }
  /** `value` is anything JSON can say. */
  | { readonly kind: 'learned'; readonly key: string; readonly value: unknown }
  | ({ readonly kind: 'hour' } & KeptHour)
  | ({ readonly kind: 'traffic-day' } & TrafficDay)
  | ({ readonly kind: 'traffic-tens' } & TrafficTens)
  | ({ readonly kind: 'hour-gone' } & HourKey)

/** What a foreign detector reported. */
export interface ReceivedEvent {
  readonly id: string
  readonly source: string
  /** As its source calls it; empty: it does not. */
  readonly externalId: string
  /** Wall clock, ms since 1970 UTC. */
  readonly receivedAt: number
  /** Canonical address of the host it is about. */
  readonly host: string
  /** How it was answered. */
  readonly outcome: string
  /** Empty: it became no attack. */
  readonly attackId: string
  /** As it came; anything JSON can say. */
  readonly report: unknown
}

/** A small thing by kind and name. */
export interface Document {
  readonly kind: string
  readonly id: string
  /** Anything JSON can say; undefined: it is gone. */
  readonly value: unknown
}

/** Which events; what is missing does not matter. Moments are wall clock ms, `until` is not included. */
export interface EventPage {
  readonly limit: number
  /** Only those with a lower number. */
  readonly before?: number
  readonly id?: string
  readonly source?: string
  readonly externalId?: string
  readonly host?: string
  readonly outcome?: string
  readonly attackId?: string
  readonly since?: number
  readonly until?: number
}

/** Which attacks or mitigations that are over, by when they began; what is missing does not matter. */
export interface PastPage {
  readonly limit: number
  /** Only those that come after this one in a list that has the newest first. */
  readonly after?: { readonly at: number; readonly id: string }
  readonly id?: string
  /** Of attacks. */
  readonly host?: string
  /** Of mitigations. */
  readonly attackIds?: readonly string[]
  readonly since?: number
  readonly until?: number
}

/** `since` in wall clock ms; stretches begin at multiples of their length since 1970 UTC. */
export interface HistogramWanted {
  /** Of attacks that are over only those against which something was done. */
  readonly what: 'events' | 'mitigated-attacks'
  readonly since: number
  /** Missing: all of it is one. */
  readonly stretchMs?: number
}

/** An attack that is over, kept to be looked up. */
export interface PastAttack {
  readonly id: string
  readonly host: string
  readonly openedAt: number
  readonly endedAt: number
  /** Anything JSON can say. */
  readonly report: unknown
}

/** An hour of what calm traffic did: of whom, and which, counted since 1970 UTC. */
export interface HourKey {
  readonly scope: string
  readonly hour: number
}

export interface KeptHour extends HourKey {
  readonly body: Uint8Array
}

/** What of a day of a series of traffic is known: numbers by place, and marks where nothing is (`traffic-days.ts`). */
export interface TrafficDay {
  readonly series: string
  /** Since 1970 UTC. */
  readonly day: number
  readonly body: Uint8Array
}

/** Five minutes of a series of traffic by ten seconds, in bytes that only their maker reads. */
export interface TrafficTens {
  readonly series: string
  /** Five minutes since 1970 UTC. */
  readonly step: number
  readonly body: Uint8Array
}

/** Days of a series, or five minutes, first and last included. */
export interface TrafficWanted {
  readonly series: string
  readonly from: number
  readonly to: number
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
  readonly documents: readonly Document[]
}

export const NOTHING_KEPT: Kept = {
  ...{ attacks: [], mitigations: [], audit: [], learned: new Map(), hours: [], documents: [] },
}

/** What may be asked of the state while it is in use, and what is answered. */
export interface Questions {
  readonly audit: { readonly asked: AuditFilter; readonly answered: readonly StoredEntry[] }
  readonly 'traffic-days': { readonly asked: TrafficWanted; readonly answered: readonly TrafficDay[] }
  readonly 'traffic-tens': { readonly asked: TrafficWanted; readonly answered: readonly TrafficTens[] }
  readonly verify: { readonly asked: undefined; readonly answered: AuditVerdict }
  readonly backup: { readonly asked: BackupOrder; readonly answered: BackupDone }
  readonly events: {
    readonly asked: EventPage
    readonly answered: readonly (ReceivedEvent & { readonly number: number })[]
  }
  readonly 'past-attacks': { readonly asked: PastPage; readonly answered: readonly PastAttack[] }
  readonly 'past-mitigations': { readonly asked: PastPage; readonly answered: readonly Mitigation[] }
  readonly histogram: {
    readonly asked: HistogramWanted
    readonly answered: readonly { readonly at: number; readonly count: number }[]
  }
}

export interface BackupOrder {
  /** The file to write; it must not exist. */
  readonly path: string
  readonly config: ArchivedConfig | undefined
}

export interface BackupDone {
  readonly rows: number
  readonly bytes: number
}

export type Question = {
  readonly [Kind in keyof Questions]: { readonly about: Kind; readonly asked: Questions[Kind]['asked'] }
}[keyof Questions]

/** Where the state is. */
export interface StorePlace {
  readonly directory: string
  /** Where PostgreSQL is; missing: the state is a file in the directory. */
  readonly postgres?: PostgresPlace | undefined
}

/** One of them: the address itself, without a password, or where it is read from at each connection. */
export interface PostgresPlace {
  readonly url?: string | undefined
  readonly urlFile?: string | undefined
  readonly urlEnv?: string | undefined
}

/** What the worker is started with. */
export interface StorePlan extends StorePlace {
  /** Of this run of the program alone. */
  readonly run: string
  readonly retention: Retention
  /** Writes that are done (done-writes.ts). */
  readonly writes: Int32Array
}

export type StoreRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly changes: PackedChanges }
  /** Whether what is open still answers; answered like a write of nothing. */
  | { readonly kind: 'check' }
  /** Answered whenever it is ready, by an `answer` of this number. */
  | { readonly kind: 'ask'; readonly number: number; readonly question: Question }
  | { readonly kind: 'retain'; readonly retention: Retention }
  | { readonly kind: 'close' }

/** What comes once for each `open`, `write`, `check` and `close`. */
export type StoreReply =
  | {
      readonly kind: 'opened'
      readonly kept: Kept
      /** Rows that could not be read. */
      readonly setAside: readonly SetAsideRow[]
      /** What was wrong with the file that was moved aside, when one was: the file in use is new. */
      readonly replaced: string | undefined
    }
  /** A newer version wrote the state, and this one must leave it alone: trying again cannot help. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Another daemon uses the state. */
  | { readonly kind: 'held'; readonly problem: string }
  | { readonly kind: 'written' }
  /** Nothing of the request was done, or nobody knows whether. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** The state broke while in use, and a new and empty one took its place: all must be told again. */
  | { readonly kind: 'replaced'; readonly problem: string }
  | { readonly kind: 'closed' }

/** What comes whenever it is ready. */
export type StoreNews =
  | {
      readonly kind: 'answer'
      readonly number: number
      readonly answer:
        | { readonly kind: 'told'; readonly answered: unknown }
        | { readonly kind: 'failed'; readonly problem: string }
    }
  /** How many rows there are, and how many were pruned since this was told last. */
  | {
      readonly kind: 'tended'
      readonly rows: Readonly<Record<Pruned, number>>
      readonly pruned: Readonly<Record<Pruned, number>>
    }
