// Which rules match all that another matches, and which two can be written as one. Both answers are exact or no:
// `covers` may miss a cover, and never claims one that is none.

import { bitsOf } from '#lib/ip/address.ts'
import { contains } from '#lib/ip/prefix.ts'
import { canonicalComponent } from './canonical.ts'
import { componentOf, coversRanges, rangesOf, unite } from './ranges.ts'
import {
  type Component,
  type Flow,
  isBitmaskComponent,
  isNumericComponent,
  isPrefixComponent,
  type PrefixComponent,
} from './rule.ts'

/** Whether each packet that `inner` matches is matched by `outer`. Both are canonical. */
export function covers(outer: Flow, inner: Flow): boolean {
  return (
    outer.family === inner.family &&
    outer.components.every(one => {
      const two = inner.components.find(({ type }) => type === one.type)
      return two !== undefined && coversComponent(one, two)
    })
  )
}

function coversComponent(outer: Component, inner: Component): boolean {
  if (isPrefixComponent(outer) && isPrefixComponent(inner))
    return (
      outer.offset === inner.offset &&
      (outer.offset === 0 ? contains(outer.prefix, inner.prefix) : isSame(outer, inner))
    )
  if (isNumericComponent(outer) && isNumericComponent(inner))
    return coversRanges(rangesOf(outer), rangesOf(inner))
  if (isBitmaskComponent(outer) && isBitmaskComponent(inner)) {
    const lists = new Set(outer.anyOf.map(tests => JSON.stringify(tests)))
    return inner.anyOf.every(tests => lists.has(JSON.stringify(tests)))
  }
  return false
}

const isSame = (a: PrefixComponent, b: PrefixComponent) =>
  a.prefix.length === b.prefix.length && a.prefix.value === b.prefix.value

/** One component of what either matches; `undefined` when no single one is exactly that. */
export function uniteComponents(a: Component, b: Component): Component | undefined {
  if (isPrefixComponent(a) && isPrefixComponent(b)) return unitePrefixes(a, b)
  if (isNumericComponent(a) && isNumericComponent(b))
    return componentOf(a.type, unite([...rangesOf(a), ...rangesOf(b)]))
  if (isBitmaskComponent(a) && isBitmaskComponent(b))
    return canonicalComponent({ type: a.type, anyOf: [...a.anyOf, ...b.anyOf] })
  return undefined
}

/** Two halves of one prefix. */
function unitePrefixes(a: PrefixComponent, b: PrefixComponent): PrefixComponent | undefined {
  const { family, length } = a.prefix
  if (a.offset !== 0 || b.offset !== 0 || length !== b.prefix.length || length === 0) return undefined
  const half = 1n << BigInt(bitsOf(family) - length)
  if ((a.prefix.value ^ b.prefix.value) !== half) return undefined
  return { type: a.type, prefix: { family, value: a.prefix.value & ~half, length: length - 1 }, offset: 0 }
}
