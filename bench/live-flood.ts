// What a flood costs a detector that captures live.
//
// Processor time is that of all threads of the detector, less what it spends when nothing comes; the kernel's work for a
// packet is done where it arrives, on the generator's processor, and is not in it.

import { setTimeout as delay } from 'node:timers/promises'
import { type FloodOptions, startFlood } from '../lab/flood.ts'
import { COUNTED, type Detector } from './detector.ts'
import { processorNanos, residentMegabytes } from './process-usage.ts'
import type { Stage } from './stage.ts'

/**
 * Code is compiled and memory touched before anything is measured. V8 compiles what counts packets in steps, and what
 * looks at lines when enough ticks have passed: the last of it after some ten seconds. What comes only at the end of a
 * flood, or when one begins after a calm, it has not seen in the first, and compiles some of its code anew. That is spent
 * once in the life of a daemon and not per packet.
 */
const WARM_UP_FLOODS = 3
const WARM_UP_PACKETS = 10_000_000
const WARM_UP_SECONDS = 30
/** Floodwarden asks the kernel once a second what it dropped. */
const DROPS_MILLISECONDS = 1100
/** After the last packet a detector has something to do for a while. */
const CALM_MILLISECONDS = 2500

export interface FloodCost {
  /** What was sent. */
  readonly packetsPerSecond: number
  readonly lostPercent: number
  /** As the kernel told the detector; NaN for one that does not pass it on. */
  readonly drops: number
  /** Less what is spent when nothing comes; an error in that weighs more the fewer packets there are. */
  readonly nanosPerPacket: number
  /** Nothing taken off. */
  readonly grossNanosPerPacket: number
  /** Share of a core that was taken off. */
  readonly idle: number
  readonly cores: number
  readonly megabytes: number
}

/** Floods the detector with the same traffic as fast as can be, some times, and waits each time until it is at rest. */
export async function warmUp({ lab, link }: Stage, detector: Detector, flood: FloodOptions): Promise<void> {
  const { rate: _, ...same } = flood
  const most = { mode: 'burst', rate: 'max', seconds: WARM_UP_SECONDS, packets: WARM_UP_PACKETS } as const
  for (let floods = 0; floods < WARM_UP_FLOODS; floods++) {
    await startFlood(lab, link, { ...same, ...most }).sent
    await detector.settled()
    await delay(CALM_MILLISECONDS)
  }
}

/**
 * Share of a core that the detector uses when nothing comes: in the cheapest second of so many, because what comes after a
 * flood, such as code that is compiled late, is not spent for good, and would be taken off each flood.
 */
export async function idleCores(pid: number, seconds: number): Promise<number> {
  const looks = Math.max(1, Math.floor(seconds))
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < looks; look++) {
    const [spent, began] = [processorNanos(pid), performance.now()]
    await delay((seconds / looks) * 1000)
    least = Math.min(least, (processorNanos(pid) - spent) / 1e6 / (performance.now() - began))
  }
  return least
}

/** Floods the detector; `idle` is its share of a core when nothing comes. */
export async function measureFlood(
  { lab, link }: Stage,
  detector: Detector,
  flood: FloodOptions,
  idle: number,
): Promise<FloodCost> {
  const before = await detector.settled()
  const [spent, began] = [processorNanos(detector.pid), performance.now()]
  const sent = await startFlood(lab, link, flood).sent
  await delay(DROPS_MILLISECONDS)
  // Asking for metrics costs the detector time of its own, so the clock is read before.
  const gross = processorNanos(detector.pid) - spent
  const nanos = gross - idle * (performance.now() - began) * 1e6
  const after = await detector.settled()
  const passed = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
  const counted = passed(COUNTED)
  return {
    packetsPerSecond: sent.pps,
    lostPercent: 100 * (1 - counted / sent.sent),
    drops: passed(`floodwarden_capture_dropped_packets_total{interface="${link.to.interface}"}`),
    nanosPerPacket: nanos / counted,
    grossNanosPerPacket: gross / counted,
    idle,
    cores: nanos / 1e9 / sent.seconds,
    megabytes: residentMegabytes(detector.pid).now,
  }
}
