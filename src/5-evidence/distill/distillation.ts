// What goes into distilling and what comes out: samples of an attack and of calm traffic in, FlowSpec rules with their reasons out.

import type { Packet } from '#lib/flowspec/matches.ts'
import type { RouterProfile } from '#lib/flowspec/router-profile/profile.ts'
import type { Action, ComponentType, Rule } from '#lib/flowspec/rule.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

/** A packet that was seen, or a flow record that tells of several. */
export interface DistillSample {
  readonly packet: Packet
  /** How many packets it stands for. */
  readonly weight: number
  /**
   * Fields that whoever told of it did not tell (a flow record has no lengths of single packets); what `packet` holds there is
   * made up. Not the same as a field a packet does not have: a later fragment has no ports, and no rule on ports matches it.
   */
  readonly untold?: readonly ComponentType[]
}

/** Both ends belong to it. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

/** What the target is there for, as its owner says. */
export interface Legitimate {
  /** Ports at the target that belong to a service; missing: nobody says. */
  readonly tcp?: readonly PortRange[]
  readonly udp?: readonly PortRange[]
}

export interface DistillInput {
  readonly family: 4 | 6
  /** Destination of each rule. */
  readonly target: Prefix
  /** Of an outgoing attack the host of ours: source of each rule. */
  readonly source?: Prefix
  /** What was seen during the attack: the flood, and honest traffic among it. */
  readonly attack: readonly DistillSample[]
  /** The target's traffic in calm; empty: not known. */
  readonly normal: readonly DistillSample[]
  /** Packets per second of calm over those of the attack, 0 to 1; missing: not known. */
  readonly normalRate?: number
  readonly legitimate?: Legitimate
  /** Names the attack was given (`4-detection/vectors.ts`), the largest part first; their signatures are tried first. */
  readonly vectors: readonly string[]
  readonly action: Action
  readonly rulesMax: number
  /** What enforces the rules; missing: all that RFC 8955 and RFC 8956 have. */
  readonly router?: RouterProfile
}

/** A share with the interval in which it lies with 95 % certainty (Wilson). All 0 to 1. */
export interface Share {
  readonly share: number
  readonly low: number
  readonly high: number
  /** Samples, whatever they stand for. */
  readonly matched: number
  readonly of: number
}

export interface DistilledRule {
  readonly rule: Rule
  /** Of the samples during the attack. */
  readonly attack: Share
  /** Of the calm samples; missing: none are known. */
  readonly normal?: Share
  /** One sentence for each component: what it says and why it is there. */
  readonly because: readonly string[]
}

/** Another rule that was looked at, and why it was not taken. */
export interface Alternative {
  readonly text: string
  readonly attack: number
  readonly normal: number | undefined
  readonly why: string
}

interface Outcome {
  /** All rules together. */
  readonly attack: Share
  readonly normal?: Share
  readonly alternatives: readonly Alternative[]
}

/** `rate-limit`: a match of most of the flood would spare half of the honest traffic at least. `divert`: none would. */
export type NextAction = 'rate-limit' | 'divert'

/**
 * `inseparable`: whatever takes the flood takes honest traffic as well, so nothing is discarded; the next action of the
 * playbook is due. `too-few`: fewer samples than a decision needs.
 */
export type Distilled =
  | (Outcome & {
      readonly kind: 'rules'
      /** At most `rulesMax`, what takes most of the flood first. None is without the target. */
      readonly rules: readonly DistilledRule[]
    })
  | (Outcome & {
      readonly kind: 'inseparable'
      readonly reason: string
      /** What the playbook should do instead; policy decides. */
      readonly nextAction: NextAction
    })
  | { readonly kind: 'too-few'; readonly samples: number; readonly needed: number }

/** Same input, same output: no clock and no chance. */
export type Distill = (input: DistillInput) => Distilled
