// How the flood in a cell lies over the values of a field, beside what is honest there.

import type { Range } from '#lib/flowspec/build.ts'
import { LARGEST } from '#lib/flowspec/rule.ts'
import type { NumberField } from './fields.ts'
import { type Cell, calmCount, type Ground } from './ground.ts'
import { expectedPerCalm, floodWeight } from './proposal.ts'
import { type Histogram, histogramOf, placeFrom } from './ranked.ts'

/** Means between neighbouring values by which a range is made wider, so that the next seconds lie in it too. */
const SPACINGS = 3
const SHORTEST = { 4: 20, 6: 40 } as const

/** What the histogram of a cell says, with the flood at each value. */
export interface Look {
  readonly ground: Ground
  readonly cell: Cell
  readonly field: NumberField
  readonly histogram: Histogram
  readonly flood: Float64Array
  readonly floodTotal: number
  /** Places with samples of the attack. */
  readonly attacked: Int32Array
}

/** A range with the flood in it. */
export interface Part extends Range {
  readonly weight: number
}

/** `undefined`: there is no flood in the cell, or the field is not asked about. */
export function lookAt(ground: Ground, cell: Cell, field: NumberField): Look | undefined {
  const ranked = ground.ranked[field]
  if (ranked === undefined) return undefined
  const histogram = histogramOf(
    ranked,
    { indices: cell.attack, weights: ground.attack.weights },
    { indices: cell.calm, weights: ground.calm.weights },
  )
  const expected = expectedPerCalm(ground)
  const floodTotal = floodWeight(ground, cell)
  if (floodTotal <= 0) return undefined
  const { attack, calm } = histogram
  const places = new Int32Array(attack.length)
  let count = 0
  for (let place = 0; place < attack.length; place++) if (attack[place]! > 0) places[count++] = place
  const attacked = places.subarray(0, count)
  const flood = new Float64Array(attack.length)
  for (let place = 0; place < flood.length; place++) flood[place] = attack[place]! - expected * calm[place]!
  return { ground, cell, field, histogram, flood, floodTotal, attacked }
}

/** Wider by some means between neighbours, as far as no further honest value is taken. */
export function widened({ ground, cell, field, histogram, attacked }: Look, { from, to }: Range): Range {
  if (from === to) return { from, to }
  const { values, calm, attack } = histogram
  const [first, last] = [placeFrom(values, from), placeFrom(values, to)]
  let weight = 0
  for (let at = placeFrom(attacked, first); at < attacked.length && attacked[at]! <= last; at++)
    weight += attack[attacked[at]!]!
  const samples = Math.max(1, (weight / cell.attackWeight) * cell.attack.length)
  const margin = Math.ceil((SPACINGS * (to - from)) / samples)
  const least = field === 'packet-length' ? SHORTEST[ground.input.family] : 0
  let [low, high] = [Math.max(least, from - margin), Math.min(LARGEST[field], to + margin)]
  for (let place = first - 1; place >= 0 && values[place]! >= low; place--)
    if (calmCount(ground, calm[place]!) > 0) low = values[place]! + 1
  for (let place = last + 1; place < values.length && values[place]! <= high; place++)
    if (calmCount(ground, calm[place]!) > 0) high = values[place]! - 1
  return { from: Math.min(low, from), to: Math.max(high, to) }
}
