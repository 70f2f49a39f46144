// Prefixes of sources, where few of them carry the flood. Addresses drawn at random lie in prefixes too, and mean nothing: so
// only small networks count, and those that send much of it.

import { type Address, bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import type { Columns } from './fields.ts'
import type { SourcePredicate } from './predicate.ts'

/** Of all that was seen during the attack. */
const SOURCE_PART = 0.15
const PREFIXES_MAX = 4
const LENGTHS = { 4: [32, 24], 6: [128, 64, 48] } as const

/** The heaviest small networks, each with the addresses it holds: a network before its parts when it sends more. */
export function heavySources({ samples, weights, totalWeight }: Columns, family: 4 | 6): SourcePredicate[] {
  const heavy: { readonly prefix: Prefix; readonly weight: number }[] = []
  for (const length of LENGTHS[family]) {
    const shift = BigInt(bitsOf(family) - length)
    const sums = new Map<bigint, { readonly source: Address; weight: number }>()
    for (const [at, { packet, untold }] of samples.entries()) {
      if (untold?.includes('source')) continue
      const key = packet.source.value >> shift
      const entry = sums.get(key) ?? { source: packet.source, weight: 0 }
      entry.weight += weights[at]!
      sums.set(key, entry)
    }
    for (const { source, weight } of sums.values())
      if (weight >= SOURCE_PART * totalWeight) heavy.push({ prefix: prefixOf(source, length), weight })
  }
  return heavy
    .sort(
      (a, b) =>
        b.weight - a.weight ||
        b.prefix.length - a.prefix.length ||
        (formatPrefix(a.prefix) < formatPrefix(b.prefix) ? -1 : 1),
    )
    .slice(0, PREFIXES_MAX)
    .map(({ prefix }) => ({ kind: 'source', field: 'source', prefix }))
}
