// What became of a foreign detector's report.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'

export type EventOutcome = Outcome & {
  /**
   * What was decided holds, and the report is not on disk: it still will be (late), or there was no room for it (full).
   * Missing: it is.
   */
  readonly notKept?: 'late' | 'full'
}

/** `isDryRun`: nothing is done about the attack, it is only shown what would be. */
type Outcome =
  /** A new attack was made of it, and policy acts or shows what it would do. */
  | {
      readonly kind: 'accepted'
      readonly eventId: string
      readonly attackId: string
      readonly isDryRun: boolean
    }
  /** It is about an attack that is known: that one goes on for longer. */
  | {
      readonly kind: 'extended'
      readonly eventId: string
      readonly attackId: string
      readonly isDryRun: boolean
    }
  /** Its source sent it before, and what was done about it goes on: nothing changed. Ids are those of the first time. */
  | {
      readonly kind: 'duplicate'
      readonly eventId: string
      /** Missing: no attack was made of it (only with strict duplicates). */
      readonly attackId?: string
    }
  /** The host is none of ours. */
  | { readonly kind: 'not-ours'; readonly eventId: string }
  /** No playbook answers it. */
  | { readonly kind: 'no-playbook'; readonly eventId: string; readonly reason: string }
  /** Rails refused it; one for each reason, `rail` is its name. */
  | {
      readonly kind: 'refused'
      readonly eventId: string
      readonly refusals: readonly { readonly rail: string; readonly reason: string }[]
    }
  /** It waits for other detectors to agree. */
  | { readonly kind: 'waiting'; readonly eventId: string; readonly groupId: string }
  /** Its source may only corroborate what others report. Nothing was kept. */
  | { readonly kind: 'corroborating-only' }
  /** An unban, and the attack ended. */
  | { readonly kind: 'withdrawn'; readonly eventId: string; readonly attackId: string }
  /** An unban of an event whose attack is over, or became none. */
  | { readonly kind: 'no-active'; readonly eventId: string }
  /** An unban of an event nobody sent, or without a name. */
  | { readonly kind: 'unknown-event' | 'no-external-id' }
  /** The daemon starts, stops, or has no room: try again. Nothing was kept or done. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** A report as it is kept. */
export interface KeptEvent {
  readonly id: string
  readonly receivedAt: number
  readonly event: ForeignEvent
  /** How it was answered: the kind of its outcome. */
  readonly outcome: Exclude<EventOutcome['kind'], 'unavailable'>
  readonly attackId?: string
  /** Nothing was done about its attack then: it was only shown what would be. */
  readonly isDryRun?: true
}
