// What a match is worth: flood it takes, against what it costs and what it asks.

import { LARGEST } from '#lib/flowspec/rule.ts'
import type { Predicate } from './predicate.ts'

/** What a match costs at least in a comparison: below it, less is no gain. */
const COST_FLOOR = 1e-5
/** What it is worth to take a third of what is never seen in calm: the narrower of two matches that seem free is safer. */
const UNSEEN_WORTH = 0.3
/** A match of half of the flood is as good as one of all of it at three times the cost. */
const COVERAGE_WORTH = 1.5
/** A further component has to lower the cost by a third. */
const COMPONENT_PRICE = 0.4
/** A further value or range in a list; of source ports, which are services that are abused, each is a vector of its own. */
const ITEM_PRICE = 0.1
const SOURCE_PORT_PRICE = 1.2
/** Of two that do as well, a port says more to people and is harder to change than a length. */
const LENGTH_PRICE = 0.1
/** A range of all values there are: the wider, the less it says of the flood. */
const WIDTH_PRICE = 1
/** A component that leaves out a little of what the others match only misses flood; one that leaves out much chooses a vector. */
const LOSS_PRICE = 60
const LOSS_MOST = 1
/** A range has nothing to choose: its ends cut. */
const CUT_MOST = 3
/** What a known signature may be worse by. */
const SIGNATURE_BONUS = 0.3

export interface Valued {
  readonly predicates: readonly Predicate[]
  /** Of the flood that is left, 0 to 1. */
  readonly coverage: number
  /** Of honest traffic, 0 to 1; the most that a set of rules may have. */
  readonly cost: number
  readonly costMax: number
  /** What was lost on the way (`penaltyOf`). */
  readonly penalty: number
  readonly isKnown: boolean
}

/** The higher the better; of no unit. */
export function scoreOf({ predicates, coverage, cost, costMax, penalty, isKnown }: Valued): number {
  const price = predicates.reduce((sum, predicate) => sum + priceOf(predicate), 0)
  const worth = COVERAGE_WORTH * Math.log(Math.max(1e-9, coverage)) + (isKnown ? SIGNATURE_BONUS : 0)
  return worth - dearness(cost, costMax) - price - penalty
}

/** The score that what comes of a match can have at most: all of its flood for nothing, with one component more. */
export const hopeOf = (valued: Valued): number => scoreOf({ ...valued, cost: 0 }) - COMPONENT_PRICE

/** For a component that leaves out this part of the flood that the others match. */
export function penaltyOf(predicate: Predicate, loss: number): number {
  const isRange = predicate.kind === 'number' && predicate.ranges.some(({ from, to }) => to > from)
  return Math.min(isRange ? CUT_MOST : LOSS_MOST, LOSS_PRICE * Math.max(0, loss))
}

/** Above what a rule may cost by its logarithm, below mostly in proportion: to spare one calm sample more is worth little. */
function dearness(cost: number, most: number): number {
  if (cost > most) return 1 + Math.log(cost / most)
  return cost / most + UNSEEN_WORTH * Math.log(Math.max(cost, COST_FLOOR) / most)
}

function priceOf(predicate: Predicate): number {
  if (predicate.kind !== 'number') return COMPONENT_PRICE
  const first = predicate.field === 'packet-length' ? COMPONENT_PRICE + LENGTH_PRICE : COMPONENT_PRICE
  const item = predicate.field === 'source-port' ? SOURCE_PORT_PRICE : ITEM_PRICE
  const width = predicate.ranges.reduce((sum, { from, to }) => sum + to - from, 0) / LARGEST[predicate.field]
  return first + item * (predicate.ranges.length - 1) + WIDTH_PRICE * width
}
