// Threads that go first where processors are short: those that lose what they do not fetch in time, and who holds them up.

import { getPriority, setPriority } from 'node:os'

/** Nine times the share of an ordinary thread (sched(7), nice values). */
const FIRST = -10
/** Linux has a nice value for each thread, and takes this number for the one that asks (setpriority(2), notes). */
const CALLING_THREAD = 0

/**
 * The calling thread goes before ordinary ones from now on. Whether it may: that needs CAP_SYS_NICE or a limit that
 * allows it (`LimitNICE=-10` of a unit); without, it goes on as it is.
 */
export function goFirst(): boolean {
  try {
    setPriority(CALLING_THREAD, FIRST)
    return true
  } catch {
    return false
  }
}

/** Does something short for which others wait: the calling thread goes first until it is done, if it may. */
export function goingFirst<Value>(work: () => Value): Value {
  const before = getPriority(CALLING_THREAD)
  const goes = goFirst()
  try {
    return work()
  } finally {
    if (goes) setPriority(CALLING_THREAD, before)
  }
}
