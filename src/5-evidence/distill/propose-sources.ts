// Prefixes of sources, where few of them carry the flood. Addresses drawn at random lie in prefixes too, and mean nothing.

import { bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import type { Cell, Ground } from './ground.ts'
import { narrowed } from './ground.ts'
import { floodWeight, type Proposal } from './proposal.ts'

/** Samples for each source that a prefix is proposed of, on average. */
const SAMPLES_PER_SOURCE = 10
/** Of the flood in a cell. */
const SOURCE_PART = 0.25
const PREFIXES_MAX = 4
const LENGTHS = { 4: [24, 28, 32], 6: [48, 64, 128] } as const

export function proposeSources(ground: Ground, cell: Cell): Proposal[] {
  if (!ground.maySources) return []
  const { samples, weights } = ground.attack
  const addresses = new Map<bigint, number>()
  for (const at of cell.attack) {
    const sample = samples[at]!
    if (sample.untold?.includes('source')) continue
    addresses.set(sample.packet.source.value, (addresses.get(sample.packet.source.value) ?? 0) + weights[at]!)
    // Most floods have more sources than this: they are left early.
    if (addresses.size * SAMPLES_PER_SOURCE > samples.length) return []
  }
  const floodTotal = floodWeight(ground, cell)
  const tally = new Map<string, { readonly prefix: Prefix; weight: number }>()
  const { family } = ground.input
  for (const [value, weight] of addresses) {
    for (const length of LENGTHS[family]) {
      const prefix = prefixOf({ family, value }, Math.min(length, bitsOf(family)))
      const key = formatPrefix(prefix)
      const entry = tally.get(key) ?? { prefix, weight: 0 }
      entry.weight += weight
      tally.set(key, entry)
    }
  }
  return [...tally]
    .filter(([, { weight }]) => weight >= SOURCE_PART * floodTotal)
    .sort(
      ([a, one], [b, two]) =>
        two.weight - one.weight || two.prefix.length - one.prefix.length || (a < b ? -1 : 1),
    )
    .slice(0, PREFIXES_MAX)
    .map(([, { prefix }]) => {
      const predicate = { kind: 'source', field: 'source', prefix } as const
      const { attackWeight, calmWeight } = narrowed(ground, cell, predicate)
      return { predicate, attackWeight, calmWeight }
    })
}
