// Picks samples by predicates. Written as plain loops over columns: this is where most of the time of a search goes.

import { ABSENT, type Columns, UNTOLD } from './fields.ts'
import { bitsHold, isWithin, type Predicate, predicateKey } from './predicate.ts'

/** Of the places those whose samples match; `untold` says what is answered when the field of a sample was not told. */
export function selected(
  columns: Columns,
  places: Int32Array,
  predicate: Predicate,
  untold: boolean,
): Int32Array {
  const chosen = new Int32Array(places.length)
  return chosen.subarray(0, fill(chosen, columns, places, predicate, untold ? UNTOLD : ABSENT - 2))
}

/** Marks with a one, of all samples, those that match all of the predicates; what is untold is not matched. */
export function marked(columns: Columns, predicates: readonly Predicate[]): Uint8Array {
  const marks = new Uint8Array(columns.samples.length)
  const all = predicates.reduce(
    (places, predicate) => selected(columns, places, predicate, false),
    everyPlace(columns),
  )
  for (const at of all) marks[at] = 1
  return marks
}

export function everyPlace({ samples }: Columns): Int32Array {
  const places = new Int32Array(samples.length)
  for (let at = 0; at < places.length; at++) places[at] = at
  return places
}

/** How many it chose. `also` is a value that counts as matching. */
function fill(
  chosen: Int32Array,
  { values, sources }: Columns,
  places: Int32Array,
  predicate: Predicate,
  also: number,
): number {
  let count = 0
  if (predicate.kind === 'source') {
    const inside = sources.get(predicateKey(predicate))
    for (let i = 0; i < places.length; i++) {
      const at = places[i]!
      const value = inside === undefined ? ABSENT : inside[at]!
      if (value === 1 || value === also) chosen[count++] = at
    }
    return count
  }
  const column = values[predicate.field]
  if (predicate.kind === 'bits') {
    for (let i = 0; i < places.length; i++) {
      const at = places[i]!
      const value = column[at]!
      if (value < 0 ? value === also : bitsHold(predicate, value)) chosen[count++] = at
    }
    return count
  }
  const { ranges } = predicate
  const [{ from, to } = { from: 0, to: -1 }, ...others] = ranges
  for (let i = 0; i < places.length; i++) {
    const at = places[i]!
    const value = column[at]!
    const isIn = value >= from && value <= to
    if (isIn || value === also || (others.length > 0 && isWithin(others, value))) chosen[count++] = at
  }
  return count
}
