// Of how many seconds the packets are that were counted in a tick.
//
// A worker that gets no processor for a while, or waits for a block that is not full yet, counts in the next tick what was
// captured in this one. Divided by the length of a tick a steady flood would be told too slow and then too fast, and its
// excess be judged too high. Workers tell up to when they have counted, by the stamps of the kernel: what was counted
// between two ticks is of the time between what they said.
//
// Exporters tell of a second in one burst, which came as fast as they sent it and not as fast as what it tells of: a tick
// in which a worker read datagrams is never told shorter than it was. What it was told longer is taken from long ones.

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
  /** Seconds by which its ticks were longer than it came further; of no worker that captures. */
  ahead: number
  readonly countsRecords: boolean
}

export class CoveredTime {
  readonly #workers: readonly Worker[]

  constructor(sources: readonly { readonly tables: Pick<HostTables, 'control' | 'extras'> }[]) {
    this.#workers = sources.map(({ tables: { control, extras } }) => ({
      ...{ control, packets: 0, until: 0, behind: 0, ahead: 0 },
      countsRecords: extras !== undefined,
    }))
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

/** Seconds of traffic for a worker that counted `passed` packets: by which it came further, and never less for a burst of an exporter. */
function coveredBy(worker: Worker, passed: number, seconds: number): number {
  const { until } = worker
  worker.until = worker.control[CONTROL.countedTo]!
  const covered = ((worker.until - until) | 0) / 1e6
  const isStill = until !== 0 && covered === 0 && passed === 0
  worker.behind = isStill ? worker.behind + seconds : 0
  if (isStill && worker.behind <= BEHIND_SECONDS) return 0
  const came = until !== 0 && covered > 0 && covered < seconds + BEHIND_SECONDS ? covered : seconds
  const least = worker.countsRecords && passed > 0 ? seconds : Math.min(came, seconds)
  const told = Math.max(came - worker.ahead, least)
  worker.ahead += told - came
  return told
}
