// What prefixd's API needs of the daemon, by subject; app implements it. Whoever is confined to customers sees and touches
// only what is theirs, and the desk sees to that: what is hidden is as if it were not there.

import type { IncomingMessage } from 'node:http'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { ManualOrder } from '#4-detection/reported-attack.ts'
import type { Escalation } from '#6-policy/escalation.ts'
import type { AttackRecord, Page, PageWanted, RecordFilter } from '#7-mitigation/attack-record.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { EventOutcome, KeptEvent } from '#7-mitigation/event-outcome.ts'
import type { Identity, Role } from '#api/contract/access.ts'

export interface PrefixdDesk {
  readonly events: EventRoom
  readonly mitigations: MitigationRoom
  readonly safelist: SafelistRoom
  readonly facts: FactRoom
  readonly audit: AuditRoom
  /** Missing: nobody logs in. */
  readonly access?: AccessRoom
  /** Missing: nothing is told as it happens. */
  readonly feed?: FeedRoom
}

export interface FeedRoom {
  /** Told the id of an attack of which something changed; gives what ends it. */
  subscribe(heard: (attackId: string) => void): () => void
}

export interface Refused {
  readonly kind: 'refused'
  readonly refusals: readonly { readonly rail: string; readonly reason: string }[]
}

export interface Unavailable {
  readonly kind: 'unavailable'
  readonly reason: string
}

/** Which events; moments are wall clock ms, `until` is not included. */
export interface EventFilter {
  /** Canonical address. */
  readonly host?: string
  readonly since?: number
  readonly until?: number
}

export interface EventRoom {
  /** Whether reports may name this vector: prefixd's, ours, or one of the configuration. */
  knowsVector(name: string): boolean
  receive(event: ForeignEvent, by: Identity): Promise<EventOutcome>
  /** Newest first. */
  list(filter: EventFilter, page: PageWanted, by: Identity): Promise<Page<KeptEvent>>
}

export interface MitigationRoom {
  /** Newest first. */
  list(filter: RecordFilter, page: PageWanted, by: Identity): Promise<Page<AttackRecord>>
  get(attackId: string, by: Identity): Promise<AttackRecord | undefined>
  /** The attack that `fits`, also long ago; slow. */
  find(fits: (attackId: string) => boolean, by: Identity): Promise<AttackRecord | undefined>
  order(
    order: ManualOrder,
    by: Identity,
  ): Promise<{ readonly kind: 'done'; readonly attackId: string } | Refused | Unavailable>
  /** Ends an attack with all that is done about it; false: it is over already. */
  withdraw(attackId: string, because: string, by: Identity): Promise<boolean>
  /** Notes that it was seen; false: somebody noted it before. */
  acknowledge(attackId: string, name: string, by: Identity): Promise<boolean>
}

export interface SafelistRow {
  readonly prefix: string
  readonly reason?: string | undefined
  readonly addedBy: string
  readonly addedAt: number
  readonly expiresAt?: number | undefined
}

export interface SafelistRoom {
  list(by: Identity): readonly SafelistRow[]
  /** An entry of the same prefix is replaced. */
  add(entry: { readonly prefix: string; readonly reason?: string }, name: string, by: Identity): Promise<void>
  /** `configured`: it stands in the configuration, where it has to be taken out. */
  remove(prefix: string, by: Identity): Promise<'done' | 'unknown' | 'configured'>
}

export interface Owner {
  readonly customer: { readonly id: string; readonly name: string }
  readonly service?: { readonly id: string; readonly name: string } | undefined
  /** Missing: normal. */
  readonly escalation?: Escalation | undefined
}

export interface PopCount {
  readonly pop: string
  readonly active: number
  readonly total: number
}

export interface Counts {
  readonly active: number
  readonly mitigations: number
  readonly events: number
  /** By name; the own POP is there also when nothing happened at it. */
  readonly pops: readonly PopCount[]
}

export interface Health {
  readonly version: string
  readonly authMode: string
  readonly pop: string
  readonly uptimeSeconds: number
  /** By the address of the neighbour, in the words of BGP: `established`. */
  readonly bgpSessions: Readonly<Record<string, string>>
  readonly active: number
  /** Missing: it is connected. */
  readonly stateProblem?: string | undefined
  readonly speakerProblem?: string | undefined
}

export interface Moment {
  readonly at: number
  readonly count: number
}

/** What is told and not changed. */
export interface FactRoom {
  version(): { readonly version: string; readonly authMode: string }
  health(): Promise<Health>
  counts(): Promise<Counts>
  /** What is live now. */
  live(): readonly { readonly action: 'police' | 'discard'; readonly pop: string }[]
  /** Corroborators that wait for a group. */
  waiting(): readonly { readonly source: string }[]
  /** Stretches that have any, oldest first; each begins at a multiple of its length. */
  histogram(what: 'events' | 'mitigations', since: number, stretchMs: number): Promise<readonly Moment[]>
  ownerOf(address: string): Owner | undefined
  /** Own POP; told for what the inventory knows no POP of. */
  readonly pop: string
  now(): number
}

export interface AuditRow {
  readonly sequence: number
  readonly entry: AuditEntry
}

export interface AuditRoom {
  /** Newest first; `before`: only those with a lower sequence. */
  list(asked: {
    readonly limit: number
    readonly before?: number
    readonly since?: number
    readonly until?: number
  }): Promise<readonly AuditRow[]>
}

/** A user as prefixd shows him. */
export interface OperatorRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAt: number
  readonly createdBy: string
  readonly lastLoginAt?: number | undefined
}

export type LoggedIn =
  | { readonly kind: 'done'; readonly identity: Identity; readonly cookie: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export type AccessChange =
  | 'done'
  | 'unknown'
  | 'taken'
  | 'last-admin'
  | 'wrong-password'
  | 'forbidden'
  | 'busy'

/** Logging in, and who may. Cookies are whole headers. */
export interface AccessRoom {
  logIn(name: string, password: string, message: IncomingMessage): Promise<LoggedIn>
  /** Gives the cookie that takes the session away. */
  logOut(message: IncomingMessage): Promise<string>
  operators(): readonly OperatorRow[]
  add(
    wanted: { readonly name: string; readonly password: string; readonly role: Role },
    by: Identity,
  ): Promise<OperatorRow | AccessChange>
  remove(id: string, by: Identity): Promise<AccessChange>
  setPassword(
    wanted: { readonly id: string; readonly password: string; readonly present?: string | undefined },
    by: Identity,
  ): Promise<AccessChange>
}
