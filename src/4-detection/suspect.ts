// A suspect: a host over a limit, with numbers of its own until all its excess has drained.

import { ROW } from '#3-traffic/metric.ts'
import type { Interval, Suspicion } from './attack.ts'
import type { Verdict } from './judge.ts'
import { inUnit, type Limit, type LimitSet } from './limit.ts'

/** Numbers of a suspect: sums of both directions' rows since some excess last began, and in the tick in progress. */
export const SUMS = 0
export const TICK_SUMS = ROW * 2
/** Then for each limit the excess, for how long there has been some, what passed since then, and in how many seconds. */
export const BY_LIMIT = ROW * 4
export const EXCESS = 0
export const OVER_SECONDS = 1
export const PASSED = 2
export const PASSED_SECONDS = 3
export const PER_LIMIT = 4

export const placeOf = (limit: Limit): number => BY_LIMIT + limit.order * PER_LIMIT

export interface Suspect {
  readonly host: number
  readonly limits: LimitSet
  /** All in one piece of memory: a flood of a whole network makes tens of thousands of suspects in one tick. */
  readonly numbers: Float64Array
  /** For how long the sums were added up. */
  seconds: number
  /** Whether some excess began in the tick in progress. */
  begins: boolean
  /** Whether the sums are those of the tick in which it began, which the flood filled only in part. */
  isPartial: boolean
  /** The first tick in which it is followed. */
  readonly followedFrom: number
  /** Speeds of about the last second. */
  readonly current: Float64Array
  /** Tick of the last visit, by side, and of the last one for flows. */
  readonly seen: [number, number]
  readonly seenFlows: [number, number]
  isHeld: boolean
  isOver: boolean
  /** The budget at the last look, and what chose it. */
  budgetSeconds: number
  suspicion: Suspicion | undefined
  /** The most excess so far, in limit-seconds, of which limit, and how fast it was then. */
  peakSeconds: number
  peakLimit: Limit | undefined
  peakValue: number
  peakOverSeconds: number
}

export function notePeak(suspect: Suspect, limit: Limit): void {
  const { numbers } = suspect
  const at = placeOf(limit)
  const seconds = numbers[at + EXCESS]! / limit.perSecond
  if (seconds <= suspect.peakSeconds) return
  suspect.peakSeconds = seconds
  suspect.peakLimit = limit
  suspect.peakValue = inUnit(limit, numbers[at + PASSED]! / inMicroseconds(numbers[at + PASSED_SECONDS]!))
  suspect.peakOverSeconds = numbers[at + OVER_SECONDS]!
}

export function verdictOf(suspect: Suspect, limit: Limit, interval: Interval | undefined): Verdict {
  const { numbers, current } = suspect
  const at = placeOf(limit)
  const seconds = inMicroseconds(suspect.seconds)
  const passed = numbers[at + PASSED]!
  const speeds = numbers.slice(SUMS, SUMS + ROW * 2).map(sum => sum / seconds)
  // Flows are told by window; since it was let go no window may have ended, and the last one has to do.
  const flows = passed === 0 ? current[limit.at]! : passed / inMicroseconds(numbers[at + PASSED_SECONDS]!)
  return {
    host: suspect.host,
    hostgroup: suspect.limits.hostgroup,
    limit,
    perSecond: limit.unit === 'flows' ? flows : speeds[limit.at]!,
    overSeconds: inMicroseconds(numbers[at + OVER_SECONDS]!),
    speeds,
    // An average that has just begun to climb tells nothing: what was measured is the average.
    averages: speeds,
    weighed: { budgetSeconds: suspect.budgetSeconds, suspicion: suspect.suspicion, interval },
  }
}

/**
 * Whether what passed since its excess began, or since it was let go, is above the limit. An excess that is left of an attack
 * opens no other one, as in a moment in which an exporter tells nothing.
 */
export function isOverSince({ numbers, current }: Suspect, limit: Limit): boolean {
  const at = placeOf(limit)
  const seconds = numbers[at + PASSED_SECONDS]!
  const isAbove = numbers[at + PASSED]! > limit.perSecond * seconds
  if (limit.unit !== 'flows') return isAbove && numbers[SUMS + limit.at]! > 0
  // No window of flows may have ended since it was let go: the last one has to do.
  return seconds === 0 ? current[limit.at]! > limit.perSecond : isAbove
}

/** What it did so far belongs to an attack that is over; only how far and how long it has been over a limit stays. */
export function restart(suspect: Suspect): void {
  suspect.begins = true
  suspect.peakSeconds = 0
  suspect.peakLimit = undefined
  for (const limit of suspect.limits.limits) {
    suspect.numbers[placeOf(limit) + PASSED] = 0
    suspect.numbers[placeOf(limit) + PASSED_SECONDS] = 0
  }
}

/** Ends a tick of a suspect: its sums tell what was done since some excess last began. */
export function addTick(suspect: Suspect, seconds: number): void {
  const { numbers } = suspect
  // The tick in which it began would make the flood look smaller: it counts only as long as there is no other.
  if (suspect.begins || suspect.isPartial) {
    numbers.fill(0, SUMS, SUMS + ROW * 2)
    suspect.seconds = 0
    suspect.isPartial = suspect.begins
    suspect.begins = false
  }
  for (let at = 0; at < ROW * 2; at++) numbers[SUMS + at]! += numbers[TICK_SUMS + at]!
  numbers.fill(0, TICK_SUMS, TICK_SUMS + ROW * 2)
  suspect.seconds += seconds
  for (let at = BY_LIMIT; at < numbers.length; at += PER_LIMIT) {
    if (numbers[at + EXCESS] !== 0) numbers[at + OVER_SECONDS]! += seconds
  }
}

/** Ticks of a tenth of a second add up to errors far below a microsecond. */
export const inMicroseconds = (seconds: number): number => Math.max(Math.round(seconds * 1e6) / 1e6, 1e-6)
