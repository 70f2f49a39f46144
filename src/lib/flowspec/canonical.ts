// One form for rules that are the same, and a key to find them by.

import { byNumber } from './build.ts'
import { componentOf, rangesOf } from './ranges.ts'
import {
  type Action,
  type BitmaskComponent,
  type BitmaskTest,
  type Component,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  type Rule,
} from './rule.ts'

/**
 * The same rule with components and actions in order, numbers as ranges that do not touch, bitmasks without
 * repetitions. It matches the same packets.
 */
export function canonical(rule: Rule): Rule {
  return {
    family: rule.family,
    components: rule.components.map(canonicalComponent).sort(byNumber),
    actions: canonicalActions(rule.actions),
  }
}

/** Equal for rules of one canonical form, so that a set of rules can be keyed by it. */
export const ruleKey = (rule: Rule): string => `${matchKey(rule)} ${actionsKey(rule.actions)}`

/** The part of the key that BGP routes by: two rules with one match replace one another. */
export const matchKey = ({ family, components }: Flow): string =>
  `${family} ${components.map(canonicalComponent).sort(byNumber).map(textOfValue).join(' ')}`

export const actionsKey = (actions: readonly Action[]): string =>
  canonicalActions(actions).map(textOfValue).join(' ')

export function canonicalComponent(component: Component): Component {
  if (isPrefixComponent(component)) return component
  if (isBitmaskComponent(component)) return canonicalBitmask(component)
  return componentOf(component.type, rangesOf(component))
}

function canonicalBitmask({ type, anyOf }: BitmaskComponent): BitmaskComponent {
  const lists = anyOf.map(tests => withoutRepeats(tests.map(canonicalTest)))
  return { type, anyOf: withoutRepeats(lists) }
}

/** Any and all of a single bit are the same, and all is the form that routers agree on. */
function canonicalTest({ isNot, isMatchAll, bits }: BitmaskTest): BitmaskTest {
  const isSingle = bits !== 0 && (bits & (bits - 1)) === 0
  return { isNot, isMatchAll: isMatchAll || isSingle, bits }
}

/** A rate of nothing is a discard, whatever it counts (RFC 8955, section 7.1). */
function canonicalActions(actions: readonly Action[]): Action[] {
  return withoutRepeats(
    actions.map(action => {
      if (action.kind === 'rate-bytes' && action.bytesPerSecond === 0) return { kind: 'discard' }
      if (action.kind === 'rate-packets' && action.packetsPerSecond === 0) return { kind: 'discard' }
      return action
    }),
  )
}

function withoutRepeats<Value>(values: readonly Value[]): Value[] {
  if (values.length < 2) return [...values]
  const byText = new Map(values.map(value => [textOfValue(value), value]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

/** Keys of an object in order, so that the way it was made does not show. */
function textOfValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOfValue).join()}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${key}:${textOfValue(part)}`).join()}}`
}
