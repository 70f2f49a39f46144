// The values of one field in order, over all samples: a histogram of any part of them is one pass, without sorting again.

import type { Range } from '#lib/flowspec/build.ts'
import { LARGEST } from '#lib/flowspec/rule.ts'
import { type Columns, type NumberField, UNTOLD } from './fields.ts'

export interface Ranked {
  readonly field: NumberField
  /** Each value once, ascending. */
  readonly values: Int32Array
  /** Of each sample the place of its value, negative as in the column where it has none. */
  readonly attack: Int32Array
  readonly calm: Int32Array
  /** Sums while a histogram is made; zero before and after. */
  readonly attackSums: Float64Array
  readonly calmSums: Float64Array
}

/** Sums of weights of one part of the samples, by value, those it has only. */
export interface Histogram {
  readonly values: Int32Array
  readonly attack: Float64Array
  readonly calm: Float64Array
  /** Calm samples of which nobody told the value. */
  readonly calmUntold: number
}

/** Larger fields are sorted, smaller ones are counted. */
const COUNTED_MAX = 65_535

export function rankedOf(attack: Columns, calm: Columns, field: NumberField): Ranked {
  const columns = [attack.values[field], calm.values[field]] as const
  const values = LARGEST[field] <= COUNTED_MAX ? counted(columns, LARGEST[field]) : sorted(columns)
  const places = LARGEST[field] <= COUNTED_MAX ? new Int32Array(LARGEST[field] + 1) : undefined
  if (places !== undefined) for (let place = 0; place < values.length; place++) places[values[place]!] = place
  const placeOf =
    places === undefined ? (value: number) => placeFrom(values, value) : (value: number) => places[value]!
  const rank = (column: Int32Array) => column.map(value => (value < 0 ? value : placeOf(value)))
  return {
    field,
    values,
    attack: rank(columns[0]),
    calm: rank(columns[1]),
    attackSums: new Float64Array(values.length),
    calmSums: new Float64Array(values.length),
  }
}

function counted(columns: readonly Int32Array[], largest: number): Int32Array {
  const isThere = new Uint8Array(largest + 1)
  let count = 0
  for (const column of columns) {
    for (const value of column) {
      if (value < 0 || isThere[value] === 1) continue
      isThere[value] = 1
      count++
    }
  }
  const values = new Int32Array(count)
  for (let value = 0, place = 0; value <= largest; value++) if (isThere[value] === 1) values[place++] = value
  return values
}

const sorted = (columns: readonly Int32Array[]) =>
  Int32Array.from(new Set(columns.flatMap(column => [...column.filter(value => value >= 0)]))).sort()

/** The first place whose value is not below `value`. */
export function placeFrom(values: Int32Array, value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Samples by their places in the columns, and the weights of all. */
interface Part {
  readonly indices: Int32Array
  readonly weights: Float64Array
}

export function histogramOf(ranked: Ranked, attackPart: Part, calmPart: Part): Histogram {
  const { attackSums, calmSums } = ranked
  tally(ranked.attack, attackPart, attackSums)
  const calmUntold = tally(ranked.calm, calmPart, calmSums)
  let count = 0
  for (let place = 0; place < attackSums.length; place++)
    if (attackSums[place] !== 0 || calmSums[place] !== 0) count++
  const [values, attack, calm] = [new Int32Array(count), new Float64Array(count), new Float64Array(count)]
  for (let place = 0, at = 0; place < attackSums.length; place++) {
    if (attackSums[place] === 0 && calmSums[place] === 0) continue
    values[at] = ranked.values[place]!
    attack[at] = attackSums[place]!
    calm[at++] = calmSums[place]!
  }
  attackSums.fill(0)
  calmSums.fill(0)
  return { values, attack, calm, calmUntold }
}

/** Adds weights up by place; the answer is the weight of what was not told. */
function tally(places: Int32Array, { indices, weights }: Part, sums: Float64Array): number {
  let untold = 0
  for (let i = 0; i < indices.length; i++) {
    const at = indices[i]!
    const place = places[at]!
    if (place >= 0) sums[place]! += weights[at]!
    else if (place === UNTOLD) untold += weights[at]!
  }
  return untold
}

/** The weights that lie in the ranges. */
export function within({ values, attack, calm, calmUntold }: Histogram, ranges: readonly Range[]) {
  const sums = { attackWeight: 0, calmWeight: calmUntold }
  for (const { from, to } of ranges) {
    for (let place = placeFrom(values, from); place < values.length && values[place]! <= to; place++) {
      sums.attackWeight += attack[place]!
      sums.calmWeight += calm[place]!
    }
  }
  return sums
}
