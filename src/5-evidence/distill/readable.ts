// Matches as rules that every router reads: a component of more tests than some do becomes several, each in a rule of its own.

import type { Range } from '#lib/flowspec/build.ts'
import { TESTS_EVERY_ROUTER_READS } from '#lib/flowspec/validate.ts'
import type { Predicate } from './predicate.ts'

/** Conjunctions that together match what this one matches. One that every router reads stays as it is. */
export function readable(predicates: readonly Predicate[]): (readonly Predicate[])[] {
  let all: (readonly Predicate[])[] = [[]]
  for (const predicate of predicates) {
    const parts: readonly Predicate[] =
      predicate.kind === 'number'
        ? chunks(predicate.ranges).map(ranges => ({ ...predicate, ranges }))
        : [predicate]
    all = all.flatMap(before => parts.map(part => [...before, part]))
  }
  return all
}

/**
 * The first list whole as far as it has room, then the next: each list keeps its first item, so there are at most as many
 * lists as there is room.
 */
export function withinRoom<Item>(lists: readonly (readonly Item[])[], room: number): Item[] {
  let spare = room - lists.length
  return lists.flatMap(list => {
    const kept = list.slice(0, 1 + Math.max(0, spare))
    spare -= Math.max(0, kept.length - 1)
    return kept
  })
}

/** In their order, as many in each as a component may have tests: a value is one, a range two. */
function chunks(ranges: readonly Range[]): Range[][] {
  const found: Range[][] = []
  let tests = TESTS_EVERY_ROUTER_READS
  for (const range of ranges) {
    const more = range.from === range.to ? 1 : 2
    if (tests + more > TESTS_EVERY_ROUTER_READS) {
      found.push([])
      tests = 0
    }
    found.at(-1)?.push(range)
    tests += more
  }
  return found
}
