// Values and ranges of a field that describe the flood in a cell.
//
// Each is a property of the flood itself: a value that much of it has, the range all of it lies in, a cluster with nothing
// beside it, or all of it but the values of honest traffic. What merely is free of honest samples is no property: half of
// the ports of a flood from random ports is never proposed, because the other half looks the same.

import type { Range } from '#lib/flowspec/build.ts'
import { unite } from '#lib/flowspec/ranges.ts'
import { LARGEST } from '#lib/flowspec/rule.ts'
import type { NumberField } from './fields.ts'
import { type Look, lookAt, type Part, widened } from './flood-by-value.ts'
import type { Cell, Ground } from './ground.ts'
import {
  expectedPerCalm,
  floodWeight,
  isSupported,
  LIST_ITEMS_MAX,
  LIST_PART,
  PART_MIN,
  type Proposal,
} from './proposal.ts'
import { gaps } from './propose-gaps.ts'
import { within } from './ranked.ts'
import { CLIENT_PORT_MIN, clientPortsTaken } from './shared-ports.ts'

const VALUES_MAX = 4
/** Ports that are names of services have so much of the flood; a range of them and what lies between has no meaning. */
const PORTS_PART = 0.6
/** Shares of the flood that the range of all of it may leave out at its ends, beside the honest traffic in the cell. */
const TRIMS = [0, 0.003, 0.01]
/** What a calm sample in a range costs: such a part of the flood, for each that may be taken at all. */
const HONEST_PRICES = [1, 0.1, 0.02, 0.004]
/** Clusters lie apart by more than this part of the whole range. */
const GAP_PART = 0.04
const GAP_MIN = 8

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
