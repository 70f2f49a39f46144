// Which of two rules a router looks at first (RFC 8955, section 5.1; RFC 8956, section 4).

import { bitsOf } from '#lib/ip/address.ts'
import { encodeValue } from './encode.ts'
import {
  COMPONENT_NUMBERS,
  type Component,
  type Flow,
  isPrefixComponent,
  type PrefixComponent,
} from './rule.ts'

/** Negative when `a` comes first, 0 when both match the same by the same bytes. Both are of one family. */
export function compareFlows(a: Flow, b: Flow): number {
  for (let at = 0; at < Math.max(a.components.length, b.components.length); at++) {
    const one = a.components[at]
    const two = b.components[at]
    // A component that the other rule lacks makes a rule come first.
    if (one === undefined) return 1
    if (two === undefined) return -1
    const order = COMPONENT_NUMBERS[one.type] - COMPONENT_NUMBERS[two.type] || compareComponents(one, two)
    if (order !== 0) return order
  }
  return 0
}

function compareComponents(a: Component, b: Component): number {
  return isPrefixComponent(a) && isPrefixComponent(b)
    ? comparePrefixes(a, b)
    : compareBytes(encodeValue(a), encodeValue(b))
}

/** The lower offset, then the lower address as far as both go, then the longer prefix. */
function comparePrefixes(a: PrefixComponent, b: PrefixComponent): number {
  if (a.offset !== b.offset) return a.offset - b.offset
  const drop = BigInt(bitsOf(a.prefix.family) - Math.min(a.prefix.length, b.prefix.length))
  const one = a.prefix.value >> drop
  const two = b.prefix.value >> drop
  if (one !== two) return one < two ? -1 : 1
  return b.prefix.length - a.prefix.length
}

/** The lower byte, then the longer string. */
function compareBytes(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return b.length - a.length
}
