// What the engine tells: that attacks open, change and end, and what their packets say.

import type { AttackEvent, OpenAttack } from '#4-detection/attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Tallies } from '#5-evidence/tallies.ts'

export type EngineEvent =
  | (Extract<AttackEvent, { kind: 'opened' }> & {
      readonly flows: readonly FlowSection[]
      /** Rules for it are sought, and told of soon; missing: they are not. */
      readonly isDistilled?: true
    })
  | Exclude<AttackEvent, { kind: 'opened' }>
  /** The packets of an attack are there, or as many as came in time. */
  | {
      readonly kind: 'evidence'
      readonly attackId: string
      readonly packets: readonly PacketRecord[]
      /** The attack with the name all its packets give it; missing when they say no more than when it opened. */
      readonly named?: OpenAttack
      /** What all packets that the rings hold of it have in common; missing: too much else is to be done. */
      readonly tallies?: Tallies
    }
  /** Which rules its packets suggest by now. */
  | { readonly kind: 'distilled'; readonly attackId: string; readonly proposed: ProposedRules }
  /** What the packets of its newest round have in common. */
  | { readonly kind: 'tallied'; readonly attackId: string; readonly tallies: Tallies }
