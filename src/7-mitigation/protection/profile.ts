// What a protection profile is: whom it covers, and which countermeasures stand ready for them. Plain data.
//
// Nothing here says who carries it out: nftables on this machine or a scrubber elsewhere do, with the same words.
import type { CountermeasureName } from '#6-policy/countermeasure.ts'

/** On: packets are dropped. Monitor: what would be dropped is counted and passes. */
export type CountermeasureMode = 'off' | 'monitor' | 'on'

export interface ProtectionProfile {
  /** Of the configuration: `web`. */
  readonly id: string
  /** Canonical prefixes of the targets it covers, all inside our networks. */
  readonly prefixes: readonly string[]
  /** FlowSpec matches, each with its target: only this traffic to the prefixes is covered. Missing: all of it. */
  readonly traffic?: readonly string[]
  /** Parameters of each countermeasure it has; what is missing it does not have. */
  readonly parameters: Parameters
}

/** Ordered: the first that matches decides. */
export interface AclRule {
  readonly verdict: 'pass' | 'drop'
  /** A FlowSpec match without the target, in canonical text: `protocol =icmp`. */
  readonly match: string
}

/** What each countermeasure is set to. Rates are per second. */
export interface Parameters {
  /** Sources that bypass all others. */
  readonly whitelist?: { readonly prefixes: readonly string[] }
  /** Sources that are always dropped. */
  readonly blacklist?: { readonly prefixes: readonly string[] }
  readonly 'temporary-blacklist'?: { readonly ttlSeconds: number; readonly isProgressive: boolean }
  /** Sources by country: of `pass` nobody else gets in, of `drop` they do not. Canonical prefixes. */
  readonly geo?: { readonly verdict: 'pass' | 'drop'; readonly prefixes: readonly string[] }
  readonly 'header-sanity'?: Record<never, never>
  readonly fragments?: { readonly packetsPerSecond: number }
  readonly acl?: { readonly rules: readonly AclRule[] }
  /** Sources above it come onto the temporary blacklist, and stay on it while they go on. */
  readonly 'source-limit'?: {
    readonly packetsPerSecond?: number
    readonly bitsPerSecond?: number
    readonly per: 'source' | 'source-and-target'
    readonly ttlSeconds: number
  }
  readonly 'syn-proxy'?: {
    readonly ports: readonly number[]
    readonly mss: number
    readonly windowScale: number
    readonly timestamps: boolean
    readonly sackPermitted: boolean
    /** IPv6 as well: only where the network card checks the checksum of each packet. */
    readonly ipv6?: boolean
  }
  /** New connections of a source. */
  readonly 'connection-rate'?: { readonly perSecond: number; readonly ttlSeconds: number }
  /** Connections of a source at the same time. */
  readonly 'connection-limit'?: { readonly connections: number }
  /** Of the profile as a whole. */
  readonly 'rate-limit'?: { readonly packetsPerSecond?: number; readonly bitsPerSecond?: number }
  /** Of each target of it. */
  readonly 'target-rate-limit'?: { readonly packetsPerSecond?: number; readonly bitsPerSecond?: number }
  /** Distilled rules, as canonical FlowSpec text. */
  readonly filter?: { readonly rules: readonly string[] }
}

/** A profile as it is to be carried out now. */
export interface DesiredProfile {
  readonly profile: ProtectionProfile
  /** False: its traffic passes untouched, whatever its countermeasures say. */
  readonly isOn: boolean
  readonly modes: Readonly<Partial<Record<CountermeasureName, CountermeasureMode>>>
}

/** What a countermeasure did since it was applied. */
export interface CountermeasureCounters {
  readonly inputPackets: number
  readonly droppedPackets: number
  readonly droppedBytes: number
  /** Sources on its list now; missing: it has none. */
  readonly sources?: number
  /** Packets whose source found its list or its measure full; above 0 the sizes are too small. Missing: it has none. */
  readonly unmeasuredPackets?: number
}

export interface BlockedSource {
  readonly source: string
  /** Missing: whatever its target. */
  readonly target?: string
  readonly remainingSeconds: number
}
