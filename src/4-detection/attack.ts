// An attack: a host or a list of prefixes, one direction, from the crossing of a limit until its ban ends.

import type { Speeds } from '#3-traffic/metric.ts'

export type Direction = 'incoming' | 'outgoing' | 'other'
export type AttackType = 'syn_flood' | 'icmp_flood' | 'ip_fragmentation' | 'udp_flood' | 'unknown'
export type AttackProtocol = 'tcp' | 'udp' | 'icmp' | 'unknown'

/** Names of limits, in the order FastNetMon tests its own nine; ours follow. */
export const LIMITS = [
  'packets',
  'bits',
  'flows',
  'tcp-packets',
  'udp-packets',
  'icmp-packets',
  'tcp-bits',
  'udp-bits',
  'icmp-bits',
  'syn-packets',
  'syn-bits',
  'fragment-packets',
  'fragment-bits',
  'dropped-packets',
  'dropped-bits',
] as const
export type LimitName = (typeof LIMITS)[number]

/** Which number crossed which limit, where the limit comes from, and how it was judged. */
export interface Crossing {
  readonly limit: LimitName
  readonly direction: 'incoming' | 'outgoing'
  /** Packets, bits or flows per second. */
  readonly value: number
  readonly threshold: number
  /** Name of the hostgroup that set the limit, `global` for the general one. */
  readonly hostgroup: string
  readonly mode: 'budget' | 'plain'
  /** Seconds from the first tick over the limit to the crossing. */
  readonly overSeconds: number
  /** Limit-seconds that were allowed to pass above the limit; missing in plain mode, which has no budget. */
  readonly budgetSeconds?: number
  /** What chose the budget; missing when nothing did: the budget was fixed, or too few packets were seen. */
  readonly suspicion?: Suspicion
  /** Between these the value lies with the certainty asked for; missing when every packet was counted. */
  readonly interval?: Interval
}

/** How suspicious a crossing is: 0 surely honest, 1 surely an attack, and what made it so (`suspicion-table.ts`). */
export interface Suspicion {
  readonly weight: number
  /** Packets that were looked at. */
  readonly packets: number
  readonly features: readonly SuspicionFeature[]
}

export interface SuspicionFeature {
  readonly name: string
  /** 0 to 1. */
  readonly value: number
  /** What it adds to the neutral half. */
  readonly weight: number
  readonly reason: string
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Speeds per second of a host at one moment. */
export interface HostSpeeds {
  readonly incoming: Speeds
  readonly outgoing: Speeds
}

/** What is attacked: one host, the total of a network or of a hostgroup, or prefixes that were found to hold the excess. */
export type Scope = 'host' | 'network' | 'hostgroup' | 'prefix'

/** One vector of an attack: its name (`vectors.ts`), its share of the packets that were looked at, and what proves it. */
export interface VectorPart {
  readonly vector: string
  /** 0 to 1, of packets or of bytes, whichever is more. */
  readonly share: number
  /** One sentence each: `98 % from UDP port 53, mean length 3,200 bytes`. */
  readonly reasons: readonly string[]
}

/** What the packets of an attack say it is. Several parts make a mixed attack; the largest stands first, what has no name (`unknown`) last. */
export interface Finding {
  readonly parts: readonly VectorPart[]
  /** 0 to 1: how sure the naming is, from the number of packets looked at and how clear they are. */
  readonly confidence: number
  /** Packets that were looked at. */
  readonly packets: number
}

/** Who found it: we, an operator who ordered something against it, or a foreign detector. */
export type Origin = 'detected' | 'manual' | 'event'

/** An attack as a foreign detector reported it, or as an operator described what he orders. */
export interface Reported {
  /** Name of the detector, or who ordered it. */
  readonly source: string
  /** As the source calls it: `udp_flood`, a vector of ours, or a name of the configuration. */
  readonly vector: string
  /** IP protocol number; missing: all. */
  readonly protocol?: number
  /** Ports of the target that the flood goes to; empty: not known. */
  readonly ports: readonly number[]
  /** 0 to 1. */
  readonly confidence: number
  /** Bits per second the source says; missing: it did not say. */
  readonly bitsPerSecond?: number
  /** The first report. */
  readonly firstEventId?: string
  /** The newest report. */
  readonly lastEventId?: string
  /** Which detectors agreed on it, as of the newest report; missing: none had to. */
  readonly agreed?: Agreement | undefined
  /** What an operator ordered in place of what playbooks say; missing: playbooks decide. */
  readonly order?: Order
}

/** What several detectors said together before anything was done. */
export interface Agreement {
  /** The group of their reports. */
  readonly groupId: string
  /** 0 to 1. */
  readonly confidence: number
  /** By name. */
  readonly sources: readonly string[]
  readonly explanation: string
}

/** What a person may want done: accept is a rule that lets pass; blackhole a route that drops all of the target's traffic. */
export const ORDER_KINDS = ['rate-limit', 'discard', 'accept', 'blackhole'] as const
export type OrderKind = (typeof ORDER_KINDS)[number]

/** One thing an operator wants done, for so long. */
export interface Order {
  readonly kind: OrderKind
  /** Of a rate-limit. */
  readonly bitsPerSecond?: number
  /** Of a rate-limit, in place of bits. */
  readonly packetsPerSecond?: number
  readonly ttlSeconds: number
  readonly reason: string
  /** What a rule matches, in canonical text with its destination; missing: protocol and ports say it, or it is no rule. */
  readonly flow?: string
  /** It is decided and shown, and never carried out. */
  readonly isMonitored?: true
}

export interface AttackFacts {
  /** Unique and sortable: `<opened, ms since epoch, base 36>-<counter>`; in a replay derived from packet time. */
  readonly id: string
  readonly scope: Scope
  /** Canonical address text (RFC 5952 for IPv6); of an attack on prefixes the first of them. */
  readonly host: string
  /** The attacked prefixes, the fewest that hold it all; of one host its /32 or /128. */
  readonly prefixes: readonly string[]
  readonly family: 4 | 6
  readonly origin: Origin
  /** What whoever reported or ordered it said; missing for what we found ourselves and for bans by hand. */
  readonly reported?: Reported
  readonly hostgroup: string
  readonly crossing: Crossing | undefined
  readonly direction: Direction
  readonly type: AttackType
  readonly protocol: AttackProtocol
  /** What its packets say it is; `undefined` while too few were seen. */
  readonly finding: Finding | undefined
  /** Packets per second of `direction` when the attack opened. */
  readonly power: number
  /** Speeds when the attack opened, and the averages at that moment. */
  readonly speeds: HostSpeeds
  readonly averages: HostSpeeds
  /** Wall clock, ms since 1970 UTC. */
  readonly openedAt: number
  /** Seconds the ban lasts at least; 0 means until somebody ends it. */
  readonly banSeconds: number
}

/**
 * Open: the ban holds, and `isOver` says whether traffic is still over a limit.
 * Ended: the ban is over.
 */
export type Attack = AttackFacts &
  (
    | {
        readonly state: 'open'
        readonly peak: number
        /** Packets per second of its direction when it was last told. */
        readonly speed: number
        readonly isOver: boolean
        readonly lastOverAt: number
      }
    | {
        readonly state: 'ended'
        readonly peak: number
        readonly endedAt: number
        readonly endedBy: EndReason
        /** In the words of whoever ended it; missing: he said none. */
        readonly because?: string
      }
  )

export type OpenAttack = Extract<Attack, { state: 'open' }>
export type EndedAttack = Extract<Attack, { state: 'ended' }>

/** An open attack without what only an open one has. */
export function factsOf(attack: OpenAttack): AttackFacts & { readonly peak: number } {
  const { state: _state, speed: _speed, isOver: _isOver, lastOverAt: _lastOverAt, ...facts } = attack
  return facts
}

/** Why a ban ended: its time was over and the traffic below the limits, an operator said so, or its hostgroup or network is gone. */
export type EndReason = 'finished' | 'operator' | 'configuration'

export type AttackEvent =
  | { readonly kind: 'opened'; readonly attack: OpenAttack }
  | { readonly kind: 'updated'; readonly attack: OpenAttack }
  | { readonly kind: 'ended'; readonly attack: EndedAttack }
