// When packets are due: always counted from the start, so no rounding adds up and lost time is made good.

import type { Traffic } from './traffic.ts'

/** A generator that was kept waiting may take this long to send the last packets that are due. */
const LATE_MILLISECONDS = 500

/** Shortest sleep: at high rates packets leave in little groups this far apart. */
const SHORTEST_PAUSE_MILLISECONDS = 0.2

/** How many of the `packets` are due after so many milliseconds; the first one at once. */
export function packetsDue(rate: Traffic['rate'], packets: number, elapsedMilliseconds: number): number {
  return rate === 'max' ? packets : Math.min(packets, 1 + Math.floor((elapsedMilliseconds * rate) / 1000))
}

/** How long to sleep until the packet after the first `sent` ones is due. */
export function untilDue(rate: Traffic['rate'], sent: number, elapsedMilliseconds: number): number {
  const due = rate === 'max' ? 0 : (sent * 1000) / rate
  return Math.max(due - elapsedMilliseconds, SHORTEST_PAUSE_MILLISECONDS)
}

/** When a generator stops even if packets are missing. */
export function lastMilliseconds(rate: Traffic['rate'], seconds: number): number {
  return seconds * 1000 + (rate === 'max' ? 0 : LATE_MILLISECONDS)
}

const never = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread for about so long; the kernel adds some 50 microseconds. */
export function pause(milliseconds: number): void {
  Atomics.wait(never, 0, 0, milliseconds)
}
