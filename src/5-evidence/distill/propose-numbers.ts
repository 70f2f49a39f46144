// Values and ranges of a field that describe the flood in a cell.
//
// Each is a property of the flood itself: a value that much of it has, the range all of it lies in, a cluster with nothing
// beside it, or all of it but the values of honest traffic. What merely is free of honest samples is no property: half of
// the ports of a flood from random ports is never proposed, because the other half looks the same.

import type { Range } from '#lib/flowspec/build.ts'
import { unite } from '#lib/flowspec/ranges.ts'
import { LARGEST } from '#lib/flowspec/rule.ts'
import type { NumberField } from './fields.ts'
import { type Cell, calmCount, type Ground } from './ground.ts'
import { isWithin } from './predicate.ts'
import {
  expectedPerCalm,
  floodWeight,
  isSupported,
  LIST_ITEMS_MAX,
  LIST_PART,
  PART_MIN,
  type Proposal,
} from './proposal.ts'
import { type Histogram, histogramOf, placeFrom, within } from './ranked.ts'
import { areShared, CLIENT_PORT_MIN, clientPortsTaken } from './shared-ports.ts'

const VALUES_MAX = 4
/** Ports that are names of services have so much of the flood; a range of them and what lies between has no meaning. */
const PORTS_PART = 0.6
/** Shares of the flood that the range of all of it may leave out at its ends, beside the honest traffic in the cell. */
const TRIMS = [0, 0.003, 0.01]
/** What a further range has to bring. */
const RANGE_PART = 0.003
/** What a calm sample in a range costs: such a part of the flood, for each that may be taken at all. */
const HONEST_PRICES = [1, 0.1, 0.02, 0.004]
/** Values are left out for honest samples that share them; what is left out for one or two each was left out by chance. */
const SAMPLES_PER_VALUE = 4
/** Clusters lie apart by more than this part of the whole range. */
const GAP_PART = 0.04
const GAP_MIN = 8
/** Means between neighbouring values by which a range is made wider, so that the next seconds lie in it too. */
const SPACINGS = 3
const SHORTEST = { 4: 20, 6: 40 } as const

/** What the histogram of a cell says, with the flood at each value. */
interface Look {
  readonly ground: Ground
  readonly cell: Cell
  readonly field: NumberField
  readonly histogram: Histogram
  readonly flood: Float64Array
  readonly floodTotal: number
  /** Places with samples of the attack. */
  readonly attacked: Int32Array
}

export function proposeNumbers(ground: Ground, cell: Cell, field: NumberField): Proposal[] {
  const look = lookAt(ground, cell, field)
  if (look === undefined) return []
  const single = field === 'dscp' || field === 'flow-label' || field === 'icmp-type' || field === 'icmp-code'
  const lists = valueLists(look)
  // Protocol numbers are names: those between two of them have nothing to do with them.
  if (!single && field !== 'protocol' && !isOfFewValues(look))
    lists.push(...wholeRanges(look), ...clusters(look))
  if (!single) for (const price of HONEST_PRICES) lists.push(...gaps(look, price))
  return lists
    .filter(ranges => !isEverything(field, ranges) && mayBeOfAll(look, ranges))
    .map(ranges => ({
      predicate: { kind: 'number', field, ranges } as const,
      ...within(look.histogram, ranges),
    }))
    .filter(
      proposal =>
        isSupported(ground, proposal.attackWeight) &&
        floodWeight(ground, proposal) >= PART_MIN * look.floodTotal,
    )
}

function lookAt(ground: Ground, cell: Cell, field: NumberField): Look | undefined {
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

/** A part of the ports that clients take at random is no property of the flood, nor is it one of the next honest client. */
const mayBeOfAll = ({ ground, cell, field }: Look, ranges: readonly Range[]): boolean =>
  field !== 'source-port' ||
  ground.input.source !== undefined ||
  ranges.every(({ from, to }) => from === to || to < CLIENT_PORT_MIN) ||
  clientPortsTaken(ground, cell, ranges) >= LIST_PART

/** Zero is what these fields hold when nobody sets them: it marks no flood. */
const isUnmarked = (field: NumberField, value: number) =>
  value === 0 && (field === 'dscp' || field === 'flow-label')

const isEverything = (field: NumberField, ranges: readonly Range[]) =>
  ranges.length === 1 && ranges[0]!.from === 0 && ranges[0]!.to === LARGEST[field]

/** The values with most of the flood: one by one, and those together that make up nearly all of it. */
function valueLists({ ground, field, histogram, flood, floodTotal }: Look): Range[][] {
  const { values, attack } = histogram
  const top: number[] = []
  for (let place = 0; place < values.length; place++) {
    if (flood[place]! < PART_MIN * floodTotal || isUnmarked(field, values[place]!)) continue
    if (!isSupported(ground, attack[place]!)) continue
    top.push(place)
  }
  top.sort((a, b) => flood[b]! - flood[a]! || a - b)
  const most = top.slice(0, VALUES_MAX)
  const lists = most.map(place => [only(values[place]!)])
  let sum = 0
  for (let count = 1; count <= most.length; count++) {
    sum += flood[most[count - 1]!]!
    if (field !== 'protocol' && count > 1 && sum >= LIST_PART * floodTotal)
      lists.push(unite(most.slice(0, count).map(place => only(values[place]!))))
  }
  return lists
}

/** Then a range of all of it would be mostly empty. */
function isOfFewValues({ field, flood, floodTotal }: Look): boolean {
  const most = [...flood.filter(weight => weight >= PART_MIN * floodTotal)]
    .sort((a, b) => b - a)
    .slice(0, VALUES_MAX)
  const [least, part] = field === 'packet-length' ? [2, LIST_PART] : [1, PORTS_PART]
  return most.length >= least && most.reduce((sum, weight) => sum + weight, 0) >= part * floodTotal
}

const only = (value: number): Range => ({ from: value, to: value })

/** The shortest ranges in which the flood lies, for some guesses at how much of the rest is honest. */
function wholeRanges(look: Look): Range[][] {
  const { ground, cell, histogram, floodTotal } = look
  const { attack } = histogram
  const honest = expectedPerCalm(ground) * cell.calmWeight
  const told = attack.reduce((sum, weight) => sum + weight, 0)
  const found = new Map<string, Range[]>()
  for (const part of honest === 0 ? [0] : [0, 0.5, 1, 1.5]) {
    for (const trim of TRIMS) {
      const range = shortest(look, told - honest * part - floodTotal * trim)
      if (range === undefined) continue
      const wide = widened(look, range)
      found.set(`${wide.from}-${wide.to}`, [wide])
    }
  }
  return [...found.values()]
}

/** The shortest range whose samples weigh at least so much. */
function shortest({ histogram, attacked }: Look, least: number): Range | undefined {
  const { values, attack } = histogram
  let best: Range | undefined
  for (let first = 0, last = 0, sum = 0; first < attacked.length; first++) {
    while (last < attacked.length && sum < least) sum += attack[attacked[last++]!]!
    if (sum < least) break
    const [from, to] = [values[attacked[first]!]!, values[attacked[Math.max(first, last - 1)]!]!]
    if (best === undefined || to - from < best.to - best.from) best = { from, to }
    sum -= attack[attacked[first]!]!
  }
  return best
}

/** Clusters of values with nothing beside them: one by one, and all that make up nearly all of the flood. */
function clusters(look: Look): Range[][] {
  const { ground, field, histogram, flood, floodTotal } = look
  // Of ports drawn at random some lie close together.
  if (field !== 'packet-length') return []
  const { values } = histogram
  const places: number[] = []
  for (let place = 0; place < values.length; place++) if (flood[place]! > 0) places.push(place)
  const span = places.length === 0 ? 0 : values[places.at(-1)!]! - values[places[0]!]!
  const gap = Math.max(GAP_MIN, span * GAP_PART)
  const all: Part[] = []
  for (const place of places) {
    const [value, weight] = [values[place]!, flood[place]!]
    const last = all.at(-1)
    if (last !== undefined && value - last.to <= gap)
      all[all.length - 1] = { from: last.from, to: value, weight: last.weight + weight }
    else all.push({ from: value, to: value, weight })
  }
  const heavy = all.filter(
    ({ weight, from, to }) => weight >= PART_MIN * floodTotal && isSupported(ground, weight) && to > from,
  )
  if (heavy.length === 0 || heavy.length > LIST_ITEMS_MAX) return []
  const wide = heavy.map(range => widened(look, range))
  const sum = heavy.reduce((total, { weight }) => total + weight, 0)
  return [
    ...wide.map(range => [range]),
    ...(wide.length > 1 && sum >= LIST_PART * floodTotal ? [unite(wide)] : []),
  ]
}

/** A range with the flood in it. */
interface Part extends Range {
  readonly weight: number
}

/**
 * All of the flood but the values of honest traffic: at most so many ranges, as each calm sample in one costs flood.
 * Walked once; `open` is the best sum that ends inside of a range, `closed` the best that does not.
 */
function gaps(look: Look, honestPrice: number): Range[][] {
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

/** Wider by some means between neighbours, as far as no further honest value is taken. */
function widened({ ground, cell, field, histogram, attacked }: Look, { from, to }: Range): Range {
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
