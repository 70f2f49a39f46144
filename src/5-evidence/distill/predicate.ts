// What a rule asks of one field, and rules made of such questions.

import { byNumber, type Range, rangesComponent } from '#lib/flowspec/build.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import type { Action, BitmaskTest, Component, Rule } from '#lib/flowspec/rule.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { DistillInput } from './distillation.ts'
import type { BitField, NumberField } from './fields.ts'

export type Predicate = NumberPredicate | BitsPredicate | SourcePredicate

/** The value lies in one of the ranges, which are in order and do not touch. */
export interface NumberPredicate {
  readonly kind: 'number'
  readonly field: NumberField
  readonly ranges: readonly Range[]
}

/** All bits of `set` are set, none of `clear`, and one of `any` unless that is 0. */
export interface BitsPredicate {
  readonly kind: 'bits'
  readonly field: BitField
  readonly set: number
  readonly clear: number
  readonly any: number
}

export const bitsHold = ({ set, clear, any }: BitsPredicate, value: number): boolean =>
  (value & set) === set && (value & clear) === 0 && (any === 0 || (value & any) !== 0)

export interface SourcePredicate {
  readonly kind: 'source'
  readonly field: 'source'
  readonly prefix: Prefix
}

/** The same text for the same question, to sort by and to find what was asked before. */
export function predicateKey(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'number':
      return `${predicate.field} ${predicate.ranges.map(({ from, to }) => `${from}-${to}`).join()}`
    case 'bits':
      return `${predicate.field} +${predicate.set} -${predicate.clear} ?${predicate.any}`
    case 'source':
      return `source ${formatPrefix(predicate.prefix)}`
  }
}

export const conjunctionKey = (predicates: readonly Predicate[]): string =>
  predicates.map(predicateKey).sort().join(' & ')

export function isWithin(ranges: readonly Range[], value: number): boolean {
  for (const { from, to } of ranges) if (value >= from && value <= to) return true
  return false
}

/** The rule that asks all of them about packets to the target (and from the source, of an outgoing attack). */
export function ruleOf(
  { family, target, source }: Pick<DistillInput, 'family' | 'target' | 'source'>,
  predicates: readonly Predicate[],
  actions: readonly Action[],
): Rule {
  const components: Component[] = [{ type: 'destination', prefix: target, offset: 0 }]
  if (source !== undefined) components.push({ type: 'source', prefix: source, offset: 0 })
  for (const predicate of predicates) components.push(componentOf(predicate))
  return canonical({ family, components: components.sort(byNumber), actions })
}

function componentOf(predicate: Predicate): Component {
  switch (predicate.kind) {
    case 'number':
      return rangesComponent(predicate.field, predicate.ranges)
    case 'source':
      return { type: 'source', prefix: predicate.prefix, offset: 0 }
    case 'bits': {
      const { set, clear, any } = predicate
      const tests: BitmaskTest[] = []
      if (set !== 0) tests.push({ isNot: false, isMatchAll: true, bits: set })
      if (clear !== 0) tests.push({ isNot: true, isMatchAll: false, bits: clear })
      if (any !== 0) tests.push({ isNot: false, isMatchAll: false, bits: any })
      return { type: predicate.field, anyOf: [tests] }
    }
  }
}
