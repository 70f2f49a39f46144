// What another threshold would have done to traffic that was measured: which bans would have come, and what nobody can know.
//
// The same arithmetic as the live decision (`excess-budget.ts`, `plain-average.ts`, `ban.ts`), over means of whole seconds
// instead of ticks. What the packets would have said is not known any more: so a crossing is found with the budget of what
// looks honest (`surely`) and with the one of what looks like an attack (`perhaps`), and the answer tells both.

import { unreachable } from '#lib/unreachable.ts'
import { readable } from './baseline-limits.ts'

/** Traffic of one host or whole as it was: a number for each step, NaN where nothing is known. */
export interface Measured {
  readonly name: string
  readonly values: Float64Array
}

export interface WhatIf {
  /** In the unit of the values, per second. */
  readonly threshold: number
  readonly stepSeconds: number
  readonly judge:
    | { readonly mode: 'budget'; readonly surelySeconds: number; readonly perhapsSeconds: number }
    | { readonly mode: 'plain'; readonly averageSeconds: number }
  /** How long a ban lasts at least; 0: until somebody ends it. */
  readonly banSeconds: number
  /** How long it has to be calm before a ban ends. */
  readonly holdSeconds: number
}

export interface WouldBe {
  readonly name: string
  /** Step at which it would have opened. */
  readonly step: number
  /** Steps until it would have ended; missing: not within what was measured. */
  readonly steps?: number
  /** Highest value from then until it ended. */
  readonly peak: number
  /** Its packets would have had to look like an attack; else it would have come whatever they look like. */
  readonly isSure: boolean
}

/** An attack goes on while the speed is above this share of the limit (`excess-budget.ts`). */
const CALM_SHARE = 0.8

/** Bans of one series in their order, at most `most`. A step of which nothing is known counts as silence. */
export function wouldBeBans({ name, values }: Measured, asked: WhatIf, most: number): WouldBe[] {
  const bans: WouldBe[] = []
  for (let step = 0; step < values.length && bans.length < most; ) {
    const opened = nextCrossing(values, step, asked)
    if (opened === undefined) break
    const end = endOf(values, opened.step, asked)
    const last = end ?? values.length
    let peak = 0
    for (let at = opened.step; at < last; at++) peak = Math.max(peak, known(values[at]!))
    bans.push({
      ...{ name, step: opened.step, peak, isSure: opened.isSure },
      ...(end === undefined ? {} : { steps: end - opened.step }),
    })
    if (end === undefined) break
    step = end
  }
  return bans
}

interface Crossing {
  readonly step: number
  readonly isSure: boolean
}

function nextCrossing(values: Float64Array, from: number, asked: WhatIf): Crossing | undefined {
  const { judge } = asked
  switch (judge.mode) {
    case 'budget':
      return byBudget(values, from, asked, judge)
    case 'plain':
      return byAverage(values, from, asked, judge.averageSeconds)
    default:
      return unreachable(judge)
  }
}

/** What passed above the threshold adds up and drains at its speed; it is too much when it exceeds a budget of limit-seconds. */
function byBudget(
  values: Float64Array,
  from: number,
  { threshold, stepSeconds }: WhatIf,
  { surelySeconds, perhapsSeconds }: Extract<WhatIf['judge'], { mode: 'budget' }>,
): Crossing | undefined {
  let excess = 0
  let perhaps: number | undefined
  for (let step = from; step < values.length; step++) {
    excess = Math.max(0, excess + (known(values[step]!) - threshold) * stepSeconds)
    if (excess === 0 && perhaps !== undefined) return { step: perhaps, isSure: false }
    if (excess >= surelySeconds * threshold && excess > 0) return { step: perhaps ?? step, isSure: true }
    if (excess > 0 && excess >= perhapsSeconds * threshold) perhaps ??= step
  }
  return perhaps === undefined ? undefined : { step: perhaps, isSure: false }
}

function byAverage(
  values: Float64Array,
  from: number,
  { threshold, stepSeconds }: WhatIf,
  averageSeconds: number,
): Crossing | undefined {
  const kept = Math.exp(-stepSeconds / averageSeconds)
  let average = 0
  for (let step = from; step < values.length; step++) {
    const value = known(values[step]!)
    average = value + kept * (average - value)
    if (average > threshold) return { step, isSure: true }
  }
  return undefined
}

/** The step before which a ban that opened would have ended; `undefined`: not within what was measured. */
function endOf(values: Float64Array, opened: number, asked: WhatIf): number | undefined {
  const { threshold, stepSeconds, banSeconds, holdSeconds } = asked
  if (banSeconds === 0) return undefined
  let calm = 0
  for (let step = opened + 1; step < values.length; step++) {
    calm = known(values[step]!) > threshold * CALM_SHARE ? 0 : calm + stepSeconds
    if ((step - opened) * stepSeconds >= banSeconds && calm >= holdSeconds) return step
  }
  return undefined
}

const known = (value: number): number => (Number.isNaN(value) ? 0 : value)

/** What was observed: percentiles of the known values (nearest rank); `undefined`: nothing is known. */
export interface Observed {
  readonly steps: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly highest: number
}

export function observedOf(values: Float64Array): Observed | undefined {
  const sorted = values.filter(value => !Number.isNaN(value)).sort()
  const { length } = sorted
  if (length === 0) return undefined
  const at = (percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * length) - 1)]!
  return { steps: length, p50: at(50), p95: at(95), p99: at(99), highest: sorted[length - 1]! }
}

/** A threshold that leaves room above what is usual: so many times the 95th percentile, as a number people would choose. */
export const suggestedThreshold = ({ p95 }: Observed, headroom: number): number =>
  p95 > 0 ? readable(Number((p95 * headroom).toPrecision(3))) : 0
