// How surely a host is counted: for how many packets each that was seen of it stands.

import { CONTROL } from './host-tables.ts'
import type { Hosts } from './hosts.ts'
import type { CountedSource } from './speed.ts'

/** The largest rate of the workers that count the host; a worker of flow records tells the mean of its records. */
export function samplingOf(
  sources: readonly CountedSource[],
  hosts: Pick<Hosts, 'slotIn'>,
  host: number,
): number {
  let most = 1
  for (const [worker, source] of sources.entries()) {
    if (hosts.slotIn(worker, host) !== 0) most = Math.max(most, rateOf(source))
  }
  return most
}

function rateOf({ tables, samplingRate }: CountedSource): number {
  if (tables.extras === undefined) return samplingRate
  return new Float32Array(tables.control.buffer)[CONTROL.meanRate]!
}
