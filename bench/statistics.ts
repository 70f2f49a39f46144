// Numbers of several rounds become one.

import { assert } from '#lib/assert.ts'

/** The middle one; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  assert(values.length > 0, 'there is something to take the median of')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Nanoseconds that some work takes, best of all rounds: other work on the machine can only make a round slower. */
export function bestNanos(rounds: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) best = Math.min(best, nanosOf(work))
  return best
}

/** Nanoseconds that some work takes once. */
export function nanosOf(work: () => void): number {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start)
}

/**
 * Milliseconds of processor time that each of several runs takes in this thread: what other programs do to the clock is not
 * in it. The mean, because some kernels count in steps of several milliseconds.
 */
export function threadMillisEach(runs: number, work: () => void): number {
  const before = process.threadCpuUsage()
  for (let run = 0; run < runs; run++) work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / runs
}
