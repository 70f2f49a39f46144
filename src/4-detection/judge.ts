// The contract of a way to judge: it is shown what each line (host and direction) did in each tick, and says who crossed
// a limit. Line numbers are 2 x host, plus 1 for outgoing.

import type { Interval, Suspicion } from './attack.ts'
import type { Limit, LimitSet } from './limit.ts'

/** A host over a limit: how far, for how long, and what it did. Rows are pairs (incoming, outgoing), per second. */
export interface Verdict {
  readonly host: number
  readonly hostgroup: string
  readonly limit: Limit
  /** The number that crossed, in the row's unit per second. */
  readonly perSecond: number
  readonly overSeconds: number
  readonly speeds: Float64Array
  readonly averages: Float64Array
  /** How the budget was chosen; missing where there is none. */
  readonly weighed?: Weighed
}

export interface Weighed {
  readonly budgetSeconds: number
  readonly suspicion: Suspicion | undefined
  /** In the unit people use, per second. */
  readonly interval: Interval | undefined
}

/** What a judge says of a host that is already under attack. */
export interface Standing {
  readonly isOver: boolean
  /** Speeds now, per second. */
  readonly speeds: Float64Array
}

export interface Judge {
  /** How many hosts are followed closely now. */
  readonly suspects: number
  /** Times a host over a limit was not followed because too many were. */
  readonly suspectsRefused: number
  /** A host appeared; `undefined` limits mean it is never judged. */
  attached(host: number, limits: LimitSet | undefined): void
  detached(host: number): void
  /** The host has these limits from now on. What it has used up of limits that stay is kept. */
  relimit(host: number, limits: LimitSet | undefined): void
  /** All hosts have limits of these sets by now. */
  keepLimits(sets: readonly LimitSet[]): void
  /** Hosts that are followed closely now, by number. */
  readonly followed: Iterable<number>
  /** What a line did in the tick of `seconds` that ends now: a row by METRIC. */
  visit(line: number, row: Float64Array, seconds: number): void
  /** Distinct flows of a line in the window of `seconds` that has ended; called after the visits, before `endTick`. */
  visitFlows(line: number, flows: number, seconds: number): void
  /**
   * Ends the tick for all hosts: who crossed a limit in it. `now` counts seconds on the monotonic clock; `windowSeconds`
   * is the length of the flow window that ended with the tick, if one did.
   */
  endTick(now: number, seconds: number, windowSeconds: number | undefined): readonly Verdict[]
  /** Keeps judging a host under attack (true) or lets it go (false). */
  hold(host: number, held: boolean): void
  /** A held host now; `undefined` when it is gone, which means it is silent. */
  standing(host: number): Standing | undefined
}
