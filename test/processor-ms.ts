// How long something takes, told by the processor: what else the machine does meanwhile does not count.

import { readFileSync } from 'node:fs'

/** Of a second of the processor, in what /proc tells (sysconf(_SC_CLK_TCK), 100 on every Linux). */
const CLOCK_TICKS = 100

/** Seconds that another process has worked so far, its threads together. */
export function processorSecondsOf(pid: number): number {
  // proc(5): fields 14 and 15, counted behind the name, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
}

/** Milliseconds that this process worked so far, its threads together; differences of it are compared, not clocks. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
