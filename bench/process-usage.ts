// What a process has used, as the kernel counts it.

import { readdirSync, readFileSync } from 'node:fs'

/** Nanoseconds on a processor of all its threads (user and system). Threads that have ended are not in it. */
export function processorNanos(pid: number): number {
  let sum = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // The thread has ended between the listing and the reading.
    }
  }
  return sum
}

/** Memory in use now, and the most it ever was, in millions of bytes. */
export function residentMegabytes(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  return { now: kibibytes('VmRSS') * 1.024e-3, most: kibibytes('VmHWM') * 1.024e-3 }
}
