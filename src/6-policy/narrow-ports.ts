// Which target ports a rule names: those of the flood, and never the ports a service is meant to be reached at unless the
// flood goes to just them.

import type { Range } from '#lib/flowspec/build.ts'
import { intersect, unite } from '#lib/flowspec/ranges.ts'
import { LARGEST } from '#lib/flowspec/rule.ts'

export interface PortFacts {
  /** Ports most of the flood goes to; `undefined`: not known. */
  readonly flood: readonly Range[] | undefined
  /** Ports the service is meant to be reached at; `undefined`: not known, any may be meant. */
  readonly allowed: readonly Range[] | undefined
  /** What matches is dropped, not limited. */
  readonly isDiscard: boolean
}

/**
 * `undefined`: all ports. Empty: none is left to name, so there is no rule.
 *
 * A flood to ports that are not allowed is matched at every port that is not allowed, because the next packet may go to
 * another; a flood to allowed ports at these alone. While it is not known where it goes, a rate limits all ports, and a
 * discard leaves out the allowed ones.
 */
export function portsToName({ flood, allowed, isDiscard }: PortFacts): readonly Range[] | undefined {
  if (allowed === undefined) return flood === undefined ? undefined : unite(flood)
  const others = outside(unite(allowed))
  if (flood === undefined) return isDiscard ? others : undefined
  const goesOutside = intersect(unite(flood), others).length > 0
  return unite([...intersect(unite(flood), unite(allowed)), ...(goesOutside ? others : [])])
}

/** Ports that lie in none of the ranges, which are as `unite` leaves them. */
function outside(ranges: readonly Range[]): Range[] {
  const ends = [...ranges.map(({ from }) => from), LARGEST['destination-port'] + 1]
  return ends
    .map((end, at) => ({ from: (ranges[at - 1]?.to ?? -1) + 1, to: end - 1 }))
    .filter(({ from, to }) => from <= to)
}
