// How long something takes, told by the processor: what else the machine does meanwhile does not count.

import { readFileSync } from 'node:fs'

/** Milliseconds that this process worked so far, its threads together; differences of it are compared, not clocks. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Of a stat of /proc these are 10 ms, whatever the kernel counts by (proc(5), sysconf(3)). */
const CLOCK_TICKS_PER_SECOND = 100

/** Seconds that another process worked so far, its threads together. */
export function processorSecondsOf(pid: number): number {
  // The name may hold anything, blanks and parentheses too.
  const [, rest = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const [user, system] = rest.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / CLOCK_TICKS_PER_SECOND
}
