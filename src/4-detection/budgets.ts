// The contract between the judge of budgets and whoever weighs suspects by their packets.

import type { Suspicion } from './attack.ts'
import type { Limit } from './limit.ts'
import type { BudgetBounds } from './suspicion.ts'

/** Who weighs suspects by their packets. Hosts are told by number. */
export interface Evidence {
  /** A host is over a limit in this direction, or under attack: followed from now on. */
  began(host: number, side: 0 | 1): void
  ended(host: number): void
  /** Before a tick is judged: time to look at the packets that came in it, of suspects and of all others. */
  gather(): void
  /** What the packets of a suspect say by now; `undefined` when nothing, which is neutral. */
  weigh(host: number): Suspicion | undefined
  /** A crossing ended by itself. */
  tolerated(crossing: Tolerated): void
}

/** A crossing that ended before its budget was used up. */
export interface Tolerated {
  readonly host: number
  readonly limit: Limit
  readonly hostgroup: string
  /** In the unit of the limit, per second, on average while the excess grew. */
  readonly value: number
  readonly overSeconds: number
  readonly excessSeconds: number
  readonly budgetSeconds: number
  readonly suspicion: Suspicion | undefined
}

/** How the budget is found. */
export interface Budgets {
  /** When nothing weighs suspects. */
  readonly fixedSeconds: number
  /** With bounds and evidence the budget is chosen between them. */
  readonly bounds?: BudgetBounds
  readonly evidence?: Evidence
  /** One packet counted stands for so many. */
  readonly samplingRate?: number
  /** The same of one host, where hosts differ. */
  readonly samplingRateOf?: (host: number) => number
  /** Standard errors by which the excess of sampled traffic must exceed the budget, and for how long at most. */
  readonly standardErrors?: number
  readonly sampledPatienceSeconds?: number
}

/** What is known of one suspect, for whoever asks. */
export interface SuspectState {
  readonly isHeld: boolean
  readonly budgetSeconds: number
  readonly suspicion: Suspicion | undefined
  /** By limit: the excess in limit-seconds, and for how long there has been some. */
  readonly limits: readonly {
    readonly limit: Limit
    /** The speed now, in the row's unit. */
    readonly perSecond: number
    readonly excessSeconds: number
    readonly overSeconds: number
  }[]
}
