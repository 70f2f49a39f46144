// The contract of a way to judge: it is shown what each line (host and direction) did in each tick, and says who crossed
// a limit. Line numbers are 2 x host, plus 1 for outgoing.

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
}

/** What a judge says of a host that is already under attack. */
export interface Standing {
  readonly isOver: boolean
  /** Speeds now, per second. */
  readonly speeds: Float64Array
}

export interface Judge {
  /** Hosts that are followed closely now. */
  readonly suspects: number
  /** Times a host over a limit was not followed because too many were. */
  readonly suspectsRefused: number
  /** A host appeared; `undefined` limits mean it is never judged. */
  attached(host: number, limits: LimitSet | undefined): void
  detached(host: number): void
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
