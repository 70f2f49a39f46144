// FastNetMon's average, worked out a second time from the packets themselves: no line is shared with the product.

import type { Arrivals } from '../../lab/peer/witness.ts'
import { AVERAGE_SECONDS } from './conf.ts'

const TICK_MS = 1000
const DECAY = Math.exp(-1 / AVERAGE_SECONDS)

/**
 * Packets per second on average at the tick `at` (ms since 1970), with ticks each `periodMs` before it. A packet counts
 * for the first tick that is `delayMs` after it: rings hand packets over some milliseconds late.
 */
export function averageAt(arrivals: Arrivals, at: number, periodMs: number, delayMs: number): number {
  const { times } = arrivals
  const first = times[0] ?? at
  const ticks = Math.ceil((at - first) / periodMs)
  const counts = new Array<number>(ticks + 1).fill(0)
  for (const time of times) {
    const ago = Math.floor((at - delayMs - time) / periodMs)
    if (ago >= 0 && ago <= ticks) counts[ticks - ago]! += 1
  }
  let average = 0
  for (const count of counts) average = Math.floor(count + DECAY * (average - count))
  return average
}

/** Mean distance of ticks, from moments that each are one; a second when there is but one. */
export function tickPeriod(moments: readonly number[]): number {
  const first = Math.min(...moments)
  const last = Math.max(...moments)
  const ticks = Math.round((last - first) / TICK_MS)
  return ticks === 0 ? TICK_MS : (last - first) / ticks
}

/** How far the told average is from the formula, as a share of it, at the delay that explains it best. */
export function deviation(
  told: number,
  arrivals: Arrivals,
  at: number,
  periodMs: number,
  longestDelayMs: number,
): { readonly share: number; readonly delayMs: number } {
  let best = { share: Number.POSITIVE_INFINITY, delayMs: 0 }
  for (let delayMs = 0; delayMs <= longestDelayMs; delayMs += 2) {
    const average = averageAt(arrivals, at, periodMs, delayMs)
    const share = Math.abs(told / average - 1)
    if (share < best.share) best = { share, delayMs }
  }
  return best
}
