// A bitmask component written with tests of one bit each, for routers that have words for single bits only.

import type { BitmaskComponent, BitmaskTest } from './rule.ts'

/** Longer lists nobody wants to read in a configuration. */
const LISTS_MAX = 64

/**
 * The same component as an OR of ANDs of single bits, each to be set or not; `undefined` when it tests no bits somewhere, or
 * grows too long.
 */
export function withSingleBits({ type, anyOf }: BitmaskComponent): BitmaskComponent | undefined {
  const lists: BitmaskTest[][] = []
  for (const tests of anyOf) {
    let alternatives: BitmaskTest[][] = [[]]
    for (const test of tests) {
      const options = optionsOf(test)
      if (options === undefined) return undefined
      alternatives = alternatives.flatMap(one => options.map(option => withoutRepeats([...one, ...option])))
      if (alternatives.length > LISTS_MAX) return undefined
    }
    lists.push(...alternatives)
  }
  return lists.length > LISTS_MAX ? undefined : { type, anyOf: lists }
}

/** Whether it has that form already. */
export const hasSingleBits = ({ anyOf }: BitmaskComponent): boolean =>
  anyOf.flat().every(({ bits }) => bits !== 0 && (bits & (bits - 1)) === 0)

/** All set is an AND, any set an OR; with a "not" it is the other way round. */
function optionsOf({ isNot, isMatchAll, bits }: BitmaskTest): BitmaskTest[][] | undefined {
  if (bits === 0) return undefined
  const singles = bitsIn(bits).map(bit => ({ isNot, isMatchAll: !isNot, bits: bit }))
  return isMatchAll === isNot ? singles.map(single => [single]) : [singles]
}

export const bitsIn = (bits: number): number[] =>
  Array.from({ length: 12 }, (_, at) => 1 << at).filter(bit => (bits & bit) !== 0)

function withoutRepeats(tests: readonly BitmaskTest[]): BitmaskTest[] {
  return tests.filter(
    (test, at) => tests.findIndex(one => one.bits === test.bits && one.isNot === test.isNot) === at,
  )
}
