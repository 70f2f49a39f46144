// An attack with all that was done about it, open or over: what lists, reports and dialects show.

import type { Attack } from '#4-detection/attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { Mitigation } from './mitigation.ts'

export interface AttackRecord {
  readonly attack: Attack
  /** What policy decided, in one sentence. */
  readonly decision: string
  /** Oldest first, those that ended too. */
  readonly mitigations: readonly Mitigation[]
  /** Rules that its packets suggest; missing: none were sought, or it is not in memory. */
  readonly proposed?: ProposedRules
  /** Of the inventory; missing: it knows none. */
  readonly customer?: string
  readonly service?: string
  readonly pop?: string
  /** Who noted that he saw it, and when (wall clock ms); missing: nobody yet. */
  readonly acknowledged?: { readonly at: number; readonly by: string }
}

/** Which records; what is missing does not matter. */
export interface RecordFilter {
  readonly states?: readonly Attack['state'][]
  /** Canonical address. */
  readonly host?: string
  /** Ids of customers; a record of none of them does not fit. */
  readonly customers?: readonly string[]
  readonly pop?: string
  readonly acknowledged?: boolean
  /** Only those for which something was or is done. */
  readonly hasMitigations?: boolean
  /** Opened from this moment on, and before that one (wall clock ms). */
  readonly since?: number
  readonly until?: number
  /** A further condition, asked of each record that fits otherwise. */
  readonly fits?: (record: AttackRecord) => boolean
}

export interface PageWanted {
  readonly limit: number
  /** From the page before; missing: the first. */
  readonly cursor?: string
  /** So many that fit are left out first; for clients that count instead of using cursors. */
  readonly offset?: number
}

export interface Page<Item> {
  /** Newest first. */
  readonly items: readonly Item[]
  /** Where the next page begins; missing: this is the last. */
  readonly next?: string
}
