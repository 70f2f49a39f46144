// Lists of numeric operators as DDPS writes them, such as `<=79 >=81&<=442`: a space is OR, `&` is AND.
//
//   list := "" | digits | term (" " term)*
//   term := atom ("&" atom)*
//   atom := ("=" | ">" | "<" | ">=" | "<=") digits

import type { Range } from '#lib/flowspec/build.ts'
import { intersect, rangesOf } from '#lib/flowspec/ranges.ts'
import { LARGEST, type NumericComponent, type NumericTest, type NumericType } from '#lib/flowspec/rule.ts'

export interface NumericField {
  readonly type: NumericType
  readonly least: number
  readonly most: number
}

export const LIST_MAX = 128

const ATOM = /^(=|>=|<=|>|<)(\d+)$/
const SIGNS = /^([=<>!]*)(.*)$/s

type Operator = '=' | '>' | '<' | '>=' | '<='

export type ReadList =
  | { readonly kind: 'list'; readonly component: NumericComponent }
  /** Says what is wrong and what would be right. */
  | { readonly kind: 'problem'; readonly problem: string }

/** Reads a list that is not empty. One that no value fits is a list too: `matchesNothing` tells. */
export function readOperators(text: string, field: NumericField): ReadList {
  if (text.length > LIST_MAX) return problem(`is longer than ${LIST_MAX} characters`)
  if (/^\d+$/.test(text)) {
    const value = numberIn(text, field)
    return value === undefined
      ? outside(text, field)
      : { kind: 'list', component: { type: field.type, anyOf: [[{ operator: '=', value }]] } }
  }
  const anyOf: NumericTest[][] = []
  for (const term of text.split(' ')) {
    if (term === '') return problem('has a space too many: exactly one stands between two terms')
    const tests: NumericTest[] = []
    for (const atom of term.split('&')) {
      const [, operator, digits] = ATOM.exec(atom) ?? []
      if (operator === undefined || digits === undefined) return problem(whyNoAtom(atom))
      const value = numberIn(digits, field)
      if (value === undefined) return outside(digits, field)
      tests.push({ operator: operator as Operator, value })
    }
    anyOf.push(tests)
  }
  return { kind: 'list', component: { type: field.type, anyOf } }
}

/** Whether no packet can fit, as none fits `<=5&>=7`, which was meant to be `<=5 >=7`. */
export const matchesNothing = (component: NumericComponent, { least, most }: NumericField): boolean =>
  intersect(rangesOf(component), [{ from: least, to: most }]).length === 0

/** The shortest list that matches what the component does; `undefined`: DDPS has no words for it, or not the room. */
export function printOperators(component: NumericComponent, field: NumericField): string | undefined {
  const texts = [printTests(component, field), printRanges(rangesOf(component), field)]
  const [shortest] = texts.filter(text => text !== undefined).sort((a, b) => a.length - b.length)
  return shortest === undefined || shortest.length > LIST_MAX ? undefined : shortest
}

/** As it stands. */
function printTests({ anyOf }: NumericComponent, field: NumericField): string | undefined {
  const isPossible = anyOf.every(tests => tests.every(test => isWritable(test, field)))
  return isPossible ? anyOf.map(tests => tests.map(atomOf).join('&')).join(' ') : undefined
}

const isWritable = ({ operator, value }: NumericTest, { least, most }: NumericField): boolean =>
  operator !== '!=' && operator !== 'true' && operator !== 'false' && value >= least && value <= most

const atomOf = ({ operator, value }: NumericTest): string => `${operator}${value}`

function printRanges(ranges: readonly Range[], field: NumericField): string | undefined {
  const largest = LARGEST[field.type]
  const terms: string[] = []
  for (const { from, to } of ranges) {
    // Not the same as nothing at all: only a packet that has the field fits.
    if (from === 0 && to === largest) return field.least === 0 ? '>=0' : ''
    const ends = [
      ...(from === to ? [{ sign: '=', value: from }] : []),
      ...(from !== to && from > 0 ? [{ sign: '>=', value: from }] : []),
      ...(from !== to && to < largest ? [{ sign: '<=', value: to }] : []),
    ]
    if (ends.some(({ value }) => value < field.least || value > field.most)) return undefined
    terms.push(ends.map(({ sign, value }) => `${sign}${value}`).join('&'))
  }
  return terms.length === 0 ? undefined : terms.join(' ')
}

/** Of a long row of digits no number is made. */
function numberIn(digits: string, { least, most }: NumericField): number | undefined {
  const value = Number(digits)
  return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined
}

function whyNoAtom(atom: string): string {
  const [, signs = '', rest = ''] = SIGNS.exec(atom) ?? []
  const shown = JSON.stringify(atom)
  if (atom === '') return 'has nothing beside a &: write one such as >=10&<=100'
  if (!/^\d+$/.test(rest)) return `has ${shown}, which is no operator with a number: write one such as =80`
  if (signs === '') return `has the number ${shown} without an operator beside others: write =${rest}`
  return `has ${shown}: the operators are =, <, >, <= and >=, one to a number`
}

const outside = (digits: string, { least, most }: NumericField): ReadList =>
  problem(`has ${digits}, which is not from ${least} to ${most}`)

const problem = (text: string): ReadList => ({ kind: 'problem', problem: text })
