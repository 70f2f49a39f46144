// The newest of the live mitigations that fit, without making more of them than are wanted.

import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Place } from '../intake/mitigation-archive.ts'

/** Newest first; of the same moment the greater id. Moments are whole milliseconds, as cursors have them. */
export const newestFirst = (a: Mitigation, b: Mitigation): number => {
  const later = Math.floor(b.createdAt) - Math.floor(a.createdAt)
  return later !== 0 ? later : a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}

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
    if (mitigation === undefined || !isAfter(mitigation, after) || !fits(mitigation)) continue
    const before = found.at(-1)
    isSorted &&= before === undefined || newestFirst(before, mitigation) <= 0
    found.push(mitigation)
  }
  return (isSorted ? found : found.sort(newestFirst)).slice(0, most)
}

/** Whether it comes behind a place in such a list. */
export function isAfter({ createdAt, id }: Mitigation, after: Place | undefined): boolean {
  if (after === undefined) return true
  const at = Math.floor(createdAt)
  return at < after.at || (at === after.at && id < after.id)
}
