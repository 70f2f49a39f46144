// The contract of whoever carries a mitigation out. Enforcers live in 8-enforcement; nothing else reaches the network.

import type { Attack } from '#4-detection/attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Action, ActionKind } from '#6-policy/action.ts'
import type { Mitigation } from './mitigation.ts'

/** What an enforcer may tell the world about the attack behind a mitigation. */
export interface Briefing {
  readonly attack: Attack
  /** Flows seen around the crossing: filled for `announce`. */
  readonly flows: readonly FlowSection[]
  /** Filled for `amend`. */
  readonly packets: readonly PacketRecord[]
  /** Rules that its packets suggest; filled for `amend` when some were sought by then. */
  readonly proposed?: ProposedRules
}

/**
 * Failed: it was not done, or not surely; `error` says what went wrong. The mitigation is withdrawn at its end all the
 * same. Refused: nothing was sent and nothing ever will be; an answer to `announce` only.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: string }

/**
 * What an enforcer holds that it was told of by programs: ours, and those of others. A listing of which any part is missing
 * is unknown, because what is not in it would look as if it were not held.
 */
export type Listing =
  | { readonly kind: 'listed'; readonly held: readonly HeldItem[] }
  | { readonly kind: 'unknown'; readonly error: string }

/** Key and text as `announcement.ts` makes them. */
export interface HeldItem {
  /** What is matched: a prefix, or the canonical text of what a rule matches. */
  readonly key: string
  /** Its attributes in canonical text, without our mark. */
  readonly says: string
  /** Whether it carries our mark. */
  readonly isOurs: boolean
}

export interface Enforcer {
  readonly name: string
  readonly actions: readonly ActionKind[]
  /** False: it cannot say what it holds, so our ledger stands in and is shown as not verifiable. */
  readonly lists: boolean
  /** Safe to repeat: announcing what is already there is a success. Never rejects. */
  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /** More evidence about a mitigation that was announced (FastNetMon's `attack_details`). Never rejects. */
  amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /** Safe to repeat: withdrawing what is not there is a success. Never rejects. */
  withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /**
   * Tells everything that is desired of this enforcer, before anything else is asked of it: after a start these are the
   * mitigations an earlier run left. It takes them as announced by itself, and announces again what is not held. Done
   * when all of it is. Enforcers whose announcements cannot be lost or repeated have no such method. Never rejects.
   */
  reconcile?(desired: readonly Mitigation[]): Promise<Outcome>
  /** What is held now. Enforcers whose `lists` is false have no such method. Never rejects. */
  list?(): Promise<Listing>
  /**
   * Hears of what became of mitigations after their announcement was answered with a failure: what is desired is tried
   * until it is held. At most one listener.
   */
  listen?(hear: (mitigationId: string, outcome: Outcome) => void): void
  /** Ends within `deadlineMs`: what is running is finished or killed, what waits is failed. */
  stop(deadlineMs: number): Promise<void>
}

/** Whether the enforcer is the one to carry this action: an action may name the one that is meant. */
export const carries = (enforcer: Pick<Enforcer, 'name' | 'actions'>, action: Action): boolean =>
  enforcer.actions.includes(action.kind) && (action.kind === 'script' || action.enforcer === enforcer.name)
