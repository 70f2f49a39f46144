// For how much of the time in which a thread wants a processor it waits for one: whether the machine is busy, whoever makes it so.

import { readFileSync } from 'node:fs'

/** Nanoseconds for which the calling thread ran, for which it waited to run, and how often it ran (proc(5), Documentation/scheduler/sched-stats.rst). */
const TOLD_BY_KERNEL = '/proc/thread-self/schedstat'

/** Nanoseconds. */
type Times = readonly [ran: number, waited: number]

export class ProcessorWait {
  readonly #read: () => Times
  #ran = 0
  #waited = 0

  /** It tells of the calling thread, from now on. */
  constructor(read = ofThisThread) {
    this.#read = read
    this.share()
  }

  /** Share of the time in which it wanted a processor since this was last called, 0 to 1; 0 too when the kernel does not say. */
  share(): number {
    const [ran, waited] = this.#read()
    const [ranLately, waitedLately] = [ran - this.#ran, waited - this.#waited]
    this.#ran = ran
    this.#waited = waited
    const wanted = ranLately + waitedLately
    return wanted > 0 ? waitedLately / wanted : 0
  }
}

function ofThisThread(): Times {
  try {
    const [ran, waited] = readFileSync(TOLD_BY_KERNEL, 'latin1').split(' ', 2).map(Number)
    return [ran ?? 0, waited ?? 0]
  } catch {
    return [0, 0]
  }
}
