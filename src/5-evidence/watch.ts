// How many packets of a host under suspicion are copied: enough to prove the attack soon, never all of a flood.

/** Copies per second that are aimed at for a suspect, and at least while packets are wanted. */
const PER_SECOND = 2000
/** Wanted packets should be there after about a quarter of a second. */
const WANTED_FACTOR = 4

/** Copy every n-th packet of a class, n a power of two, for a host at this speed of which `wanted` packets are wanted. */
export function watchEvery(packetsPerSecond: number, wanted: number): number {
  const aim = Math.max(PER_SECOND, wanted * WANTED_FACTOR)
  let every = 1
  while (every * aim < packetsPerSecond && every < 65_536) every *= 2
  return every
}
