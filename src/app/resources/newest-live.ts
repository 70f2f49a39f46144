// The newest of the live mitigations that fit, without making more of them than are wanted.

import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { placeOfMitigation } from '../intake/mitigation-archive.ts'
import { isBehind, newestFirst, type Place } from '../intake/page-walk.ts'

/**
 * `live` has the oldest first, or nearly: what an earlier run left may stand anywhere. Each is asked once whether it
 * fits, and only those that do are put in order.
 */
export function newestLive(
  live: readonly Mitigation[],
  fits: (mitigation: Mitigation) => boolean,
  after: Place | undefined,
  most: number,
): Mitigation[] {
  const found: Mitigation[] = []
  let isSorted = true
  for (let at = live.length - 1; at >= 0; at--) {
    const mitigation = live[at]
    if (mitigation === undefined || !isBehind(placeOfMitigation(mitigation), after) || !fits(mitigation))
      continue
    const before = found.at(-1)
    isSorted &&= before === undefined || inOrder(before, mitigation) <= 0
    found.push(mitigation)
  }
  return (isSorted ? found : found.sort(inOrder)).slice(0, most)
}

/** Newest first. */
export const inOrder = (a: Mitigation, b: Mitigation): number =>
  newestFirst(placeOfMitigation(a), placeOfMitigation(b))
