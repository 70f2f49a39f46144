// How long a ring is left to itself when its blocks come fast: several are then taken for one waking.
//
// The kernel wakes whoever polls with each block, at a million small packets a second 150 times, and to be woken costs as
// much as to count some hundred packets.

/** Blocks that come less often than this are taken one by one: they are what is waited for. */
const OFTEN_MILLISECONDS = 8
/** The kernel holds a block that does not fill as long. Longer, a tick would be shown a fifth too fast or too slow. */
const MOST_MILLISECONDS = 10
/** The share of the ring that may fill meanwhile at the speed of late. */
const SHARE = 1 / 8

/** Milliseconds to sleep before the kernel is asked for a block of a ring of `blockCount`, when `taken` came in the last `milliseconds`; 0: none. */
export function napMilliseconds(taken: number, milliseconds: number, blockCount: number): number {
  if (taken * OFTEN_MILLISECONDS <= milliseconds) return 0
  return Math.min(MOST_MILLISECONDS, Math.floor((milliseconds / taken) * blockCount * SHARE))
}
