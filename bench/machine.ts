// On what figures were taken: they mean nothing without it.

import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'

/** Above it something else was at work in the last minute. */
const QUIET_LOAD = 0.5

/** Processor, cores, memory, kernel and Node, on one line. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const cores = availableParallelism()
  return `${model}, ${cores} cores, ${gigabytes} GiB, Linux ${release()}, Node ${process.versions.node}`
}

/** Programs that wanted to run, averaged over the last minute and five: above the bench's own they make it slower. */
export function loadLine(): string {
  const [one = 0, five = 0] = loadavg()
  return `load ${one.toFixed(2)} (1 min), ${five.toFixed(2)} (5 min)`
}

/** Whether the last minute was quiet enough for figures that count. */
export const isQuiet = (): boolean => (loadavg()[0] ?? 0) <= QUIET_LOAD
