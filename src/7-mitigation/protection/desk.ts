// What people and programs may ask about protection, and what they hear. The daemon implements it; API, verbs and pages ask it.

import type { CountermeasureName, Protector } from '#6-policy/countermeasure.ts'
import type { Actor } from '../audit.ts'
import type { ProtectionBackup } from './backup.ts'
import type { Incident } from './incident.ts'
import type { BlockedSource, CountermeasureCounters, CountermeasureMode, Parameters } from './profile.ts'
import type { Threshold } from './thresholds.ts'

/** Refused: it was not possible, and nothing was changed. Failed: whoever carries it out said no, or did not answer. */
export type Answered<Value> =
  | { readonly kind: 'done'; readonly value: Value; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly error: string; readonly advice: string }
  | { readonly kind: 'failed'; readonly error: string }

export const REFUSAL_CODES = [
  ...([
    'unknown-profile',
    'no-countermeasure',
    'unknown-incident',
    'bad-source',
    'bad-ttl',
    'bad-tag',
  ] as const),
  ...(['full', 'not-clean', 'bad-backup', 'not-possible'] as const),
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/**
 * In place: carried out as desired. Waiting: it is not yet, and is tried until it is. Dry run: not armed, so nothing is
 * carried out.
 */
export type CarriedState = 'in-place' | 'waiting' | 'dry-run'

/** Who keeps something on. */
export interface HolderView {
  readonly by: 'attack' | 'threshold' | 'operator'
  /** Id of the attack, the threshold in words, or who switched. */
  readonly who: string
  /** Of an attack: what is protected. */
  readonly target?: string | undefined
  readonly mode: CountermeasureMode
  readonly sinceMs: number
  /** Missing: until somebody switches again. */
  readonly untilMs?: number | undefined
  readonly tags: readonly string[]
}

export interface CountermeasureView {
  readonly name: CountermeasureName
  readonly parameters: Parameters[CountermeasureName]
  /** As it is wanted now; it does something only while the profile is on. */
  readonly mode: CountermeasureMode
  /** While nobody needs it and no operator has switched it. */
  readonly configuredMode: CountermeasureMode
  readonly holders: readonly HolderView[]
  readonly threshold?:
    | (Threshold & { readonly isOver: boolean; readonly now: number | undefined })
    | undefined
  /** Missing: it is not in place, or nobody knows them yet. */
  readonly counters?: CountersView | undefined
}

export interface CountersView extends CountermeasureCounters {
  readonly passedPackets: number
  /** Of the last seconds. */
  readonly inputPacketsPerSecond: number
  readonly droppedPacketsPerSecond: number
  /** Wall clock ms of the reading. */
  readonly readAt: number
}

export interface ProfileView {
  readonly id: string
  readonly backEnd: Protector
  readonly prefixes: readonly string[]
  readonly isDefault: boolean
  readonly tags: readonly string[]
  readonly isOn: boolean
  readonly isConfiguredOn: boolean
  /** Since when it is on or off; missing: since this run began. */
  readonly sinceMs: number | undefined
  /** Whoever keeps the profile on: everyone who needs one of its countermeasures, and an operator who switched it. */
  readonly holders: readonly HolderView[]
  readonly countermeasures: readonly CountermeasureView[]
  readonly carried: CarriedState
  /** Why it is not in place, or what of it is not carried out. */
  readonly problems: readonly string[]
}

export interface BackEndView {
  readonly name: Protector
  /** `the hook prerouting of this machine`, `https://mitigator.example.org as operator`. */
  readonly place: string
  readonly carried: CarriedState
  readonly problems: readonly string[]
  /** What could not be undone yet. */
  readonly owed: number
}

export interface ProtectionStatus {
  readonly isArmed: boolean
  /** Missing: there is no general protection. */
  readonly defaultProfile?: string | undefined
  readonly backEnds: readonly BackEndView[]
  /** A sentence each: what somebody has to look at. */
  readonly warnings: readonly string[]
}

export interface SwitchOrder {
  readonly profile: string
  /** Missing: the profile as a whole. */
  readonly countermeasure?: CountermeasureName | undefined
  /** `configured`: as the configuration says, from now on. */
  readonly mode: CountermeasureMode | 'configured'
  /** It is as configured again after so long; missing: it stays until somebody switches again. */
  readonly ttlSeconds?: number | undefined
  /** Why, for the audit. */
  readonly reason?: string | undefined
}

export interface BlockOrder {
  readonly profile: string
  /** IPv4 addresses and IPv6 prefixes of 64 bits. */
  readonly sources: readonly string[]
  /** Missing: as long as the profile says, longer for who comes back. */
  readonly ttlSeconds?: number | undefined
  /** Why, for the audit. */
  readonly reason?: string | undefined
}

export interface BlockedView extends BlockedSource {
  readonly profile: string
  readonly countermeasure: CountermeasureName
}

/** The target of a packet, and what more is known of it. */
export interface LookedUpPacket {
  readonly target: string
  readonly source?: string | undefined
  /** IP protocol number. */
  readonly protocol?: number | undefined
  readonly targetPort?: number | undefined
}

export interface Previewed {
  /** What would be sent, in the words of whoever gets it: a ruleset of nft. */
  readonly text: string
}

export interface Restored {
  readonly switches: number
}

/** None of it throws or rejects. */
export interface ProtectionDesk {
  status(): ProtectionStatus
  /** In the order of the configuration. */
  profiles(): readonly ProfileView[]
  profile(id: string): ProfileView | undefined
  /** The profile whose countermeasures a packet would meet. */
  profileFor(packet: LookedUpPacket): ProfileView | undefined
  /** Switches on, off or to monitor mode. What attacks need stays; the answer says in its notes who still holds it. */
  switch(order: SwitchOrder, who: Actor): Promise<Answered<ProfileView>>
  /** Puts sources onto the temporary blacklist; gives for how many seconds each is blocked. */
  block(order: BlockOrder, who: Actor): Promise<Answered<readonly BlockedView[]>>
  /** Takes sources off all lists of a profile that end by themselves; gives how many were on one. */
  unblock(order: Omit<BlockOrder, 'ttlSeconds'>, who: Actor): Promise<Answered<number>>
  blocked(profile?: string): Promise<Answered<readonly BlockedView[]>>
  /** As they are read now, not as they were last second. */
  counters(profile?: string): Promise<Answered<readonly ProfileView[]>>
  /** What would be carried out; with an order: if it were given. Nothing is changed. */
  preview(order?: SwitchOrder): Promise<Answered<Previewed>>
  backup(): ProtectionBackup
  /** Onto profiles nobody has switched, unless `replaces`. All of it or nothing. `reason`: why, for the audit. */
  restore(backup: unknown, replaces: boolean, who: Actor, reason?: string): Promise<Answered<Restored>>
  incidents(limit?: number): readonly Incident[]
  tag(incidentId: string, tags: readonly string[], who: Actor): Answered<Incident>
}
