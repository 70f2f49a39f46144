// All of the flood but the values of honest traffic: ranges between ports or lengths that the target's own traffic has.

import type { Range } from '#lib/flowspec/build.ts'
import { unite } from '#lib/flowspec/ranges.ts'
import { type Look, type Part, widened } from './flood-by-value.ts'
import { calmCount } from './ground.ts'
import { isWithin } from './predicate.ts'
import { LIST_ITEMS_MAX, LIST_PART } from './proposal.ts'
import { placeFrom } from './ranked.ts'
import { areShared } from './shared-ports.ts'

/** What a further range has to bring. */
const RANGE_PART = 0.003
/** Values are left out for honest samples that share them; what is left out for one or two each was left out by chance. */
const SAMPLES_PER_VALUE = 4

/**
 * All of the flood but the values of honest traffic: at most so many ranges, as each calm sample in one costs flood.
 * Walked once; `open` is the best sum that ends inside of a range, `closed` the best that does not.
 */
export function gaps(look: Look, honestPrice: number): Range[][] {
  const { ground, histogram, flood, floodTotal } = look
  const { values, calm } = histogram
  const allowed = Math.max(1e-9, ground.costMax * (ground.calm.totalWeight + 1))
  const price = (honestPrice * floodTotal) / allowed
  const opening = RANGE_PART * floodTotal
  const opened = new Uint8Array(values.length)
  const closedHere = new Uint8Array(values.length)
  let [open, closed] = [Number.NEGATIVE_INFINITY, 0]
  for (let place = 0; place < values.length; place++) {
    const gain = flood[place]! - price * calm[place]!
    const isNew = closed - opening > open
    opened[place] = isNew ? 1 : 0
    open = (isNew ? closed - opening : open) + gain
    closedHere[place] = open > closed ? 1 : 0
    closed = Math.max(closed, open)
  }
  const ranges: Part[] = []
  for (let place = values.length - 1; place >= 0; place--) {
    if (closedHere[place] === 0) continue
    const last = place
    let weight = flood[place]!
    while (opened[place] === 0) weight += flood[--place]!
    ranges.push({ from: values[place]!, to: values[last]!, weight })
  }
  const best = joined(look, ranges.reverse())
    .sort((a, b) => b.weight - a.weight || a.from - b.from)
    .slice(0, LIST_ITEMS_MAX)
  const sum = best.reduce((total, { weight }) => total + weight, 0)
  if (best.length === 0 || sum < LIST_PART * floodTotal || !isLeftOutTogether(look, best)) return []
  return [unite(best.map(range => widened(look, range)))]
}

/** Ranges in order, those joined between which hardly an honest sample lies: that one came by chance. */
function joined(look: Look, ranges: readonly Part[]): Part[] {
  const { ground, histogram, flood } = look
  const { values, calm } = histogram
  const wide: Part[] = []
  for (const range of ranges) {
    const last = wide.at(-1)
    let [honest, weight] = [0, 0]
    if (last !== undefined) {
      for (let place = placeFrom(values, last.to + 1); values[place]! < range.from; place++) {
        honest += calm[place]!
        weight += flood[place]!
      }
    }
    if (last === undefined || calmCount(ground, honest) >= SAMPLES_PER_VALUE) wide.push(range)
    else
      wide[wide.length - 1] = { from: last.from, to: range.to, weight: last.weight + weight + range.weight }
  }
  return wide
}

function isLeftOutTogether(look: Look, ranges: readonly Range[]): boolean {
  const { ground, cell, field } = look
  const { values, calm } = look.histogram
  const [first, last] = [Math.min(...ranges.map(({ from }) => from)), Math.max(...ranges.map(({ to }) => to))]
  let [weight, count] = [0, 0]
  for (let place = placeFrom(values, first); place < values.length && values[place]! <= last; place++) {
    if (calm[place]! <= 0 || isWithin(ranges, values[place]!)) continue
    weight += calm[place]!
    count++
  }
  if (count === 0) return true
  if (calmCount(ground, weight) < SAMPLES_PER_VALUE * count) return false
  return field !== 'source-port' || ground.input.source !== undefined || areShared(ground, cell, ranges)
}
