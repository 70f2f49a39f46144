// Sets of numbers as sorted ranges that neither touch nor overlap: the one form of a numeric component.

import type { Range } from './build.ts'
import { rangesComponent } from './build.ts'
import { LARGEST, type NumericComponent, type NumericTest } from './rule.ts'

/** The values that the component matches. */
export function rangesOf({ type, anyOf }: NumericComponent): Range[] {
  const largest = LARGEST[type]
  return unite(
    anyOf.flatMap(([first, ...others]) =>
      first === undefined
        ? [{ from: 0, to: largest }]
        : others.reduce((left, test) => intersect(left, holds(test, largest)), holds(first, largest)),
    ),
  )
}

/** The component that matches exactly these values; one with `false` for none of them, with `true` for all. */
export function componentOf(type: NumericComponent['type'], ranges: readonly Range[]): NumericComponent {
  const [first] = ranges
  if (first === undefined) return { type, anyOf: [[{ operator: 'false', value: 0 }]] }
  if (first.from === 0 && first.to === LARGEST[type])
    return { type, anyOf: [[{ operator: 'true', value: 0 }]] }
  return rangesComponent(type, ranges)
}

/** Sorted, without overlaps, neighbours joined. */
export function unite(ranges: readonly Range[]): Range[] {
  if (ranges.length < 2) return [...ranges]
  const united: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = united.at(-1)
    if (last === undefined || range.from > last.to + 1) united.push(range)
    else united[united.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
  }
  return united
}

export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  return a
    .flatMap(one => b.map(two => ({ from: Math.max(one.from, two.from), to: Math.min(one.to, two.to) })))
    .filter(({ from, to }) => from <= to)
}

/** Whether each value of `inner` is one of `outer`; both as `unite` leaves them. */
export const coversRanges = (outer: readonly Range[], inner: readonly Range[]): boolean =>
  inner.every(one => outer.some(two => two.from <= one.from && one.to <= two.to))

/** The values of a field up to `largest` for which the test holds. */
function holds({ operator, value }: NumericTest, largest: number): Range[] {
  switch (operator) {
    case '=':
      return between(value, value, largest)
    case '!=':
      return [...between(0, value - 1, largest), ...between(value + 1, largest, largest)]
    case '<':
      return between(0, value - 1, largest)
    case '<=':
      return between(0, value, largest)
    case '>':
      return between(value + 1, largest, largest)
    case '>=':
      return between(value, largest, largest)
    case 'true':
      return between(0, largest, largest)
    case 'false':
      return []
  }
}

/** The part of the range that is not beyond `largest`. */
const between = (from: number, to: number, largest: number): Range[] => {
  const end = Math.min(to, largest)
  return from <= end ? [{ from, to: end }] : []
}
