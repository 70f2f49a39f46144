// The contract of whoever carries a mitigation out. Enforcers live in 8-enforcement; nothing else reaches the network.

import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { ActionKind, Mitigation } from './mitigation.ts'

/** What an enforcer may tell the world about the attack behind a mitigation. */
export interface Briefing {
  readonly attack: Attack
  /** Flows seen around the crossing. */
  readonly flows: readonly FlowSection[]
  /** Filled for `amend`; empty for `announce`. */
  readonly packets: readonly PacketRecord[]
}

export type Outcome = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: string }

export interface Enforcer {
  readonly name: string
  readonly actions: readonly ActionKind[]
  /** False: it cannot say what it holds, so our ledger stands in and is shown as not verifiable. */
  readonly lists: boolean
  /** Safe to repeat: announcing what is already there is a success. */
  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /** More evidence about a mitigation that was announced (FastNetMon's `attack_details`). */
  amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /** Safe to repeat: withdrawing what is not there is a success. */
  withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome>
  /** Ends within `deadlineMs`: what is running is finished or killed. */
  stop(deadlineMs: number): Promise<void>
}
