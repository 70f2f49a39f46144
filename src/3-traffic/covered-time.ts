// Of how many seconds the packets are that were counted in a tick.
//
// A worker that gets no processor for a while, or waits for a block that is not full yet, counts in the next tick what was
// captured in this one. Divided by the length of a tick a steady flood would be told too slow and then too fast, and its
// excess be judged too high. Workers tell up to when they have counted, by the stamps of the kernel: what was counted
// between two ticks is of the time between what they said.

import { CONTROL, type HostTables } from './host-tables.ts'

/** A worker that is further behind than a tick and this stands still, or its clock was set: nothing better is known than the tick. */
const BEHIND_SECONDS = 2
/** No tick is shorter than this share of itself: speeds are told by its length, and something may be counted before lines are read. */
const LEAST_SHARE = 0.1

interface Worker {
  readonly control: Int32Array
  /** What the last tick took in: packets, and up to when (counted-to.ts); 0: not known yet. */
  packets: number
  until: number
  /** For how long it has counted nothing and not said that there was nothing. */
  behind: number
}

export class CoveredTime {
  readonly #workers: readonly Worker[]

  constructor(sources: readonly { readonly tables: Pick<HostTables, 'control'> }[]) {
    this.#workers = sources.map(({ tables: { control } }) => ({ control, packets: 0, until: 0, behind: 0 }))
  }

  /**
   * Seconds of traffic that were counted in a tick of `seconds`: the mean of workers by the packets they counted, or of all that
   * counted nothing. `seconds` when none tells.
   */
  tick(seconds: number): number {
    const busy = { weight: 0, sum: 0 }
    const silent = { weight: 0, sum: 0 }
    for (const worker of this.#workers) {
      const packets = Atomics.load(worker.control, CONTROL.captured)
      const passed = (packets - worker.packets) >>> 0
      worker.packets = packets
      const mean = passed > 0 ? busy : silent
      mean.weight += passed || 1
      mean.sum += (passed || 1) * coveredBy(worker, passed, seconds)
    }
    const { weight, sum } = busy.weight > 0 ? busy : silent
    const covered = weight === 0 ? seconds : sum / weight
    return Math.max(covered, seconds * LEAST_SHARE)
  }
}

/** Seconds by which a worker came further, of which it counted `passed` packets. */
function coveredBy(worker: Worker, passed: number, seconds: number): number {
  const { until } = worker
  worker.until = worker.control[CONTROL.countedTo]!
  const covered = ((worker.until - until) | 0) / 1e6
  const isStill = until !== 0 && covered === 0 && passed === 0
  worker.behind = isStill ? worker.behind + seconds : 0
  if (isStill && worker.behind <= BEHIND_SECONDS) return 0
  return until !== 0 && covered > 0 && covered < seconds + BEHIND_SECONDS ? covered : seconds
}
